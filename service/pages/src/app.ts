import { isSignedIn, type Session, type SessionState } from '@latchkey/sdk-browser';
import { createAccountApi } from './account/account-api.ts';
import { createAccountView } from './account/account-view.ts';
import { createSignInView, createSignUpView, parseOperatorInvite } from './credentials-views.ts';
import { createLazyView } from './lazy-view.ts';
import { endMessage, insecureContextWarning } from './messages.ts';
import type { Repeat } from './platform/timers.ts';
import { chooseView, type Destination, destinationFrom, type ViewName, viewPaths } from './router.ts';
import { pageUrl } from './tenant.ts';
import type { View } from './view.ts';

interface AppDeps {
  readonly session: Session;
  /** Whose pages these are. Nothing: the default tenant's. */
  readonly tenant: string | undefined;
  readonly page: HTMLElement;
  readonly window: Window;
  readonly repeat: Repeat;
}

/** Shows the view that address and session ask for, and follows both. */
export function createApp({ session, tenant, page, window, repeat }: AppDeps): { start(): Promise<void> } {
  const { document, history, location } = window;
  const api = createAccountApi(session.fetch, location.origin);
  let shown: { readonly name: ViewName; readonly view: View; readonly sessionId: string | undefined } | undefined;
  let pendingNotice: string | undefined;
  let notifiedState: SessionState | undefined;
  /** View to show after the sign-in. */
  let destination: Destination = 'account';

  /** `next`: the view to show after the sign-in. */
  const signOut = async (
    input: { scope: 'session' | 'all'; force?: boolean },
    next: Destination = 'account',
  ): Promise<void> => {
    pendingNotice = input.scope === 'all' ? 'You are signed out everywhere.' : 'You are signed out.';
    await session.logout(input).catch((error: unknown) => {
      pendingNotice = undefined;
      throw error;
    });
    destination = next;
  };
  const noticeOf = (state: SessionState): string | undefined => {
    const ending = state.reason === undefined || state === notifiedState ? undefined : endMessage(state.reason);
    const notice = pendingNotice ?? ending ?? insecureContextWarning(window);
    pendingNotice = undefined;
    notifiedState = state;
    return notice;
  };
  const create: Record<ViewName, (state: SessionState) => View> = {
    'sign-in': (state) => createSignInView(session, noticeOf(state)),
    'sign-up': (state) => createSignUpView(session, noticeOf(state), parseOperatorInvite(location.hash)),
    account: () => createAccountView({ session, api, repeat, signOut }),
    console: () =>
      createLazyView({
        title: 'Console',
        load: async () => {
          const { createConsoleView } = await import('./console/console-view.ts');
          return () =>
            createConsoleView({ session, repeat, window, signOut: () => signOut({ scope: 'session' }, 'console') });
        },
        reload: () => location.reload(),
      }),
  };
  const replace = (name: ViewName, state: SessionState): void => {
    const isFirst = shown === undefined;
    shown?.view.close();
    shown = { name, view: create[name](state), sessionId: state.sessionId };
    page.replaceChildren(shown.view.node);
    for (const link of page.querySelectorAll<HTMLAnchorElement>('a[href^="/"]'))
      link.href = pageUrl(link.pathname, tenant);
    document.title = `${shown.view.title} · Latchkey`;
    if (!isFirst) page.querySelector('h1')?.focus();
  };
  /** A user signed in in another tab, and this tab never received the end of the previous session. */
  const isOtherSession = (state: SessionState): boolean =>
    isSignedIn(state) && shown?.sessionId !== undefined && shown.sessionId !== state.sessionId;
  const show = (): void => {
    const { state } = session;
    destination = destinationFrom(location.pathname) ?? destination;
    const name = chooseView(location.pathname, state, { destination, shown: shown?.name });
    if (name === undefined) return;
    if (location.pathname !== viewPaths[name]) history.replaceState(null, '', pageUrl(viewPaths[name], tenant));
    if (shown?.name !== name || isOtherSession(state)) replace(name, state);
    shown?.view.update(state);
  };
  const onLinkClick = (event: MouseEvent): void => {
    const path = pathOfLink(event, location.origin);
    if (path === undefined) return;
    event.preventDefault();
    history.pushState(null, '', pageUrl(path, tenant));
    show();
  };
  return Object.freeze({
    async start() {
      session.subscribe(show);
      window.addEventListener('popstate', show);
      document.addEventListener('click', onLinkClick);
      await session.connect();
      show();
    },
  });
}

/** The path behind a plain click on a link to another page of ours; everything else is the browser's. */
function pathOfLink(event: MouseEvent, origin: string): string | undefined {
  if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return undefined;
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  return link?.origin === origin && link.hash === '' ? link.pathname : undefined;
}
