import { createSession } from '@latchkey/sdk-browser';
import { render } from 'preact';
import { App } from './app.tsx';
import { createNavigation } from './navigation.ts';
import { createRedirectApi } from './redirect/redirect-api.ts';
import { isRedirect } from './redirect/redirect-request.ts';
import { RedirectView } from './redirect/redirect-view.tsx';
import { tenantFromUrl } from './tenant.ts';

const page = document.querySelector('main');
if (page === null) throw new TypeError('index.html has no <main>.');
if (isRedirect(location)) {
  const api = createRedirectApi((input, init) => fetch(input, init), location.origin);
  render(<RedirectView api={api} window={window} />, page);
} else {
  const tenant = tenantFromUrl(location);
  const session = createSession({ url: location.origin, ...(tenant === undefined ? {} : { tenant }) });
  const navigation = createNavigation({ session, tenant, window });
  render(<App session={session} navigation={navigation} />, page);
  void navigation.start();
}
