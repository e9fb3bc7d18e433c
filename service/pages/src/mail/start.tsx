import { pagePaths } from '@latchkey/contract';
import { render } from 'preact';
import { ownFetch } from '../platform/own-fetch.ts';
import { AccountEmailView } from './account-email-view.tsx';
import { EmailSignInView } from './email-sign-in-view.tsx';
import { ForgotView } from './forgot-view.tsx';
import { InvitationView } from './invitation-view.tsx';
import { createMailApi } from './mail-api.ts';
import { ResetView } from './reset-view.tsx';
import { takeSecret } from './take-secret.ts';
import { getTickets } from './tickets.ts';
import { UndoView } from './undo-view.tsx';
import { VerifyView } from './verify-view.tsx';

/** Shows the page of a mail. Its secret is out of the address before the first request. */
export function startMailPage(page: Element): void {
  const secret = takeSecret(window);
  // A link that is pasted into this tab changes the fragment alone, and loads nothing.
  window.addEventListener('hashchange', () => location.reload());
  const props = { secret, api: createMailApi(ownFetch, location.origin), tickets: getTickets() };
  const View = views[location.pathname] ?? ForgotView;
  render(<View {...props} />, page);
}

const views: Readonly<Record<string, typeof ForgotView>> = {
  [pagePaths.forgot]: ForgotView,
  [pagePaths.reset]: ResetView,
  [pagePaths.verify]: VerifyView,
  [pagePaths.emailSignIn]: EmailSignInView,
  [pagePaths.accountEmail]: AccountEmailView,
  [pagePaths.undo]: UndoView,
  [pagePaths.invitation]: InvitationView,
};
