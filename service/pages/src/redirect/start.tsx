import { render } from 'preact';
import { ownFetch } from '../platform/own-fetch.ts';
import { createRedirectApi } from './redirect-api.ts';
import { RedirectView } from './redirect-view.tsx';

/** Shows the entry pages for an app at another origin. */
export function startRedirect(page: Element): void {
  const api = createRedirectApi(ownFetch, location.origin);
  render(<RedirectView api={api} fetch={ownFetch} window={window} />, page);
}
