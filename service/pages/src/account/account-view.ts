import { Failure, type Me } from '@latchkey/contract';
import type { Session, SessionState } from '@latchkey/sdk-browser';
import { element, setText } from '../element.ts';
import type { Repeat } from '../platform/timers.ts';
import type { View } from '../view.ts';
import { sentenceOfError, sentenceOfExpiry } from '../words.ts';
import type { AccountApi } from './account-api.ts';
import { createConnectionCard } from './connection-card.ts';
import { createPasswordCard } from './password-card.ts';
import { createSessionsCard } from './sessions-card.ts';

export interface AccountViewDeps {
  readonly session: Session;
  readonly api: AccountApi;
  readonly repeat: Repeat;
  /** Ends this session, or all; what the sign-in page then says differs from being ended by somebody else. */
  readonly leave: (input: { readonly scope: 'session' | 'all'; readonly force?: boolean }) => Promise<unknown>;
}

const reloadMs = 10_000;

/** Who I am, the connection, my sessions, my password. */
export function createAccountView({ session, api, repeat, leave }: AccountViewDeps): View {
  const head = createHead((force) => leave({ scope: 'session', force }));
  const connection = createConnectionCard(() => session.socket.io.engine.close());
  const password = createPasswordCard(api.changePassword);
  const sessions = createSessionsCard({
    list: api.sessions,
    endOne: api.endSession,
    endOthers: () => session.logout({ scope: 'others' }),
    endAll: () => leave({ scope: 'all' }),
  });
  let live: boolean | undefined;
  const load = async (): Promise<void> => {
    await sessions.load();
    // An unknown name harms nothing, and the sessions card says why nothing can be read.
    const me = await api.me().catch(() => undefined);
    if (me === undefined) return;
    head.name(me);
    password.nameOwner(me.email ?? '');
  };
  const update = (state: SessionState): void => {
    connection.update(state);
    const isLive = state.status === 'active' || state.status === 'refreshing';
    if (isLive && live !== true) void load();
    if (isLive) head.warn('');
    live = isLive;
  };
  const stop = repeat(reloadMs, () => live === true && void sessions.load());
  const unlisten = session.on('session_expiring', ({ inSeconds, reason }) =>
    head.warn(sentenceOfExpiry(inSeconds, reason)),
  );
  return Object.freeze({
    title: 'Account',
    node: element('div', { class: 'account' }, head.node, connection.node, sessions.node, password.node),
    update,
    close() {
      stop();
      unlisten();
    },
  });
}

interface Head {
  readonly node: HTMLElement;
  name(me: Me): void;
  warn(sentence: string): void;
}

function createHead(logOut: (force: boolean) => Promise<unknown>): Head {
  const who = element('p', { class: 'who', 'data-testid': 'who' });
  const alert = element('p', { class: 'form-error', role: 'alert' });
  const anyway = element(
    'button',
    { type: 'button', hidden: true, onclick: () => void go(true) },
    'Forget me here anyway',
  );
  const go = async (force: boolean): Promise<void> => {
    setText(alert, '');
    const error = await logOut(force).then(
      () => undefined,
      (caught: unknown) => caught ?? new Error(),
    );
    anyway.hidden = !(error instanceof Failure && error.retryable);
    if (error !== undefined) setText(alert, sentenceOfError(error));
  };
  const button = element(
    'button',
    { type: 'button', 'data-testid': 'logout', onclick: () => void go(false) },
    'Log out',
  );
  return Object.freeze({
    node: element(
      'div',
      { class: 'head' },
      element(
        'div',
        { class: 'head-line' },
        element('div', {}, element('h1', { tabindex: -1 }, 'Account'), who),
        button,
      ),
      alert,
      anyway,
    ),
    name: ({ email, id }: Me) => setText(who, email ?? id),
    warn: (sentence: string) => setText(alert, sentence),
  });
}
