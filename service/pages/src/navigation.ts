import { pagePaths } from '@latchkey/contract';
import { isSignedIn, type Session, type SessionState } from '@latchkey/sdk-browser';
import { batch, type ReadonlySignal, signal } from '@preact/signals';
import { endMessage, insecureContextWarning } from './messages.ts';
import { chooseView, type Destination, destinationFrom, type ViewName, viewPaths } from './router.ts';
import { pageUrl, passwordFragment } from './tenant.ts';
import { words } from './words/words.ts';

/** The view on the page. Another number creates it again. */
interface ShownView {
  readonly name: ViewName;
  readonly number: number;
  readonly sessionId: string | undefined;
  /** Why a form is shown. */
  readonly notice: string | undefined;
}

interface SignOutInput {
  readonly scope: 'session' | 'all';
  readonly force?: boolean;
}

export interface Navigation {
  /** `undefined` until the client of sessions is loaded. Only forms are shown before. */
  readonly session: ReadonlySignal<Session | undefined>;
  readonly state: ReadonlySignal<SessionState>;
  readonly shown: ReadonlySignal<ShownView | undefined>;
  /** Ends this session, or all. `next`: the view to show after the next sign-in. */
  signOut(input: SignOutInput, next?: Destination): Promise<void>;
  /** Follows the address. A user without a session sees a form. */
  start(): void;
  /** Resumes the session and follows it, and the address. */
  follow(session: Session): Promise<void>;
}

interface NavigationDeps {
  /** The tenant of these pages. Absent: the default tenant. */
  readonly tenant: string | undefined;
  readonly window: Window;
}

/** Decides which view the address and the session ask for. */
export function createNavigation({ tenant, window }: NavigationDeps): Navigation {
  const { document, history, location } = window;
  const followed = signal<Session | undefined>(undefined);
  const state = signal<SessionState>({ status: 'signed_out' });
  const shown = signal<ShownView | undefined>(undefined);
  let pendingNotice: string | undefined;
  let notifiedState: SessionState | undefined;
  /** View to show after the sign-in. */
  let destination: Destination = 'account';

  const takeNotice = (current: SessionState): string | undefined => {
    const ending = current.reason === undefined || current === notifiedState ? undefined : endMessage(current.reason);
    const notice = pendingNotice ?? ending ?? insecureContextWarning(window);
    pendingNotice = undefined;
    notifiedState = current;
    return notice;
  };
  /** A user signed in in another tab, and this tab never received the end of the previous session. */
  const isOtherSession = (current: SessionState): boolean => {
    const sessionId = shown.value?.sessionId;
    return isSignedIn(current) && sessionId !== undefined && sessionId !== current.sessionId;
  };
  const replace = (name: ViewName, current: SessionState): void => {
    const notice = name === 'sign-in' || name === 'sign-up' ? takeNotice(current) : undefined;
    shown.value = { name, number: (shown.value?.number ?? 0) + 1, sessionId: current.sessionId, notice };
  };
  const show = (): void =>
    batch(() => {
      const current = followed.value?.state ?? state.value;
      state.value = current;
      destination = destinationFrom(location.pathname) ?? destination;
      const name = chooseView(location.pathname, current, { destination, shown: shown.value?.name });
      if (name === undefined) return;
      if (location.pathname !== viewPaths[name])
        history.replaceState(null, '', pageUrl(viewPaths[name], tenant) + keptFragment(location));
      if (shown.value?.name !== name || isOtherSession(current)) replace(name, current);
    });
  const onLinkClick = (event: MouseEvent): void => {
    const path = pathOfLink(event, location.origin);
    if (path === undefined) return;
    event.preventDefault();
    history.pushState(null, '', pageUrl(path, tenant));
    show();
  };
  // A repeated call has no effect, because the listeners are the same.
  const listen = (): void => {
    window.addEventListener('popstate', show);
    document.addEventListener('click', onLinkClick);
  };
  return Object.freeze<Navigation>({
    session: followed,
    state,
    shown,
    async signOut(input, next = 'account') {
      pendingNotice = input.scope === 'all' ? words().ended.everywhere : words().ended.here;
      await followed.value?.logout(input).catch((error: unknown) => {
        pendingNotice = undefined;
        throw error;
      });
      destination = next;
    },
    start() {
      listen();
      show();
    },
    async follow(session) {
      followed.value = session;
      session.subscribe(show);
      listen();
      await session.connect();
      show();
    },
  });
}

/** Names the card of the account page to show, also after a sign-in. */
const keptFragment = ({ hash }: Location): string => (hash === passwordFragment ? hash : '');

const viewPathSet: ReadonlySet<string> = new Set([pagePaths.home, ...Object.values(viewPaths)]);

/** The path behind a plain click on a link to another view; everything else is the browser's. */
function pathOfLink(event: MouseEvent, origin: string): string | undefined {
  if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return undefined;
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  const isView = link?.origin === origin && link.hash === '' && viewPathSet.has(link.pathname);
  return isView ? link.pathname : undefined;
}
