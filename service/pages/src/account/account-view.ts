import type { Session, SessionState } from '@latchkey/sdk-browser';
import { element } from '../element.ts';
import { onSignOfLife } from '../platform/sign-of-life.ts';
import type { Repeat } from '../platform/timers.ts';
import type { View } from '../view.ts';
import { sentenceOfExpiry } from '../words.ts';
import type { AccountApi } from './account-api.ts';
import { createConnectionCard } from './connection-card.ts';
import { createHead } from './head.ts';
import { createPasswordCard } from './password-card.ts';
import { createSessionsCard } from './sessions-card.ts';

interface AccountViewDeps {
  readonly session: Session;
  readonly api: AccountApi;
  readonly repeat: Repeat;
  /** Ends this session, or all; what the sign-in page then says differs from being ended by somebody else. */
  readonly leave: (input: { readonly scope: 'session' | 'all'; readonly force?: boolean }) => Promise<unknown>;
}

const reloadMs = 5_000;

/** Who I am, the connection, my sessions, my password. */
export function createAccountView({ session, api, repeat, leave }: AccountViewDeps): View {
  const head = createHead((force) => leave({ scope: 'session', force }));
  const connection = createConnectionCard(() => session.socket.io.engine?.close());
  const password = createPasswordCard(api.changePassword);
  const sessions = createSessionsCard({
    list: api.sessions,
    endOne: api.endSession,
    endOthers: () => session.logout({ scope: 'others' }),
    endAll: () => leave({ scope: 'all' }),
  });
  let live = false;
  let named = false;
  const load = async (): Promise<void> => {
    await sessions.load();
    // A name that cannot be read harms nothing, and the sessions card says why; it is asked for again with them.
    const me = named ? undefined : await api.me().catch(() => undefined);
    if (me === undefined) return;
    named = true;
    head.name(me);
    password.nameOwner(me.email ?? '');
  };
  const update = (state: SessionState): void => {
    connection.update(state);
    const isLive = state.status === 'active' || state.status === 'refreshing';
    if (isLive && !live) {
      head.warn('');
      void load();
    }
    sessions.setStale(!isLive);
    live = isLive;
  };
  const stop = repeat(reloadMs, () => live && void load());
  let forget = () => {};
  const unlisten = session.on('session_expiring', ({ inSeconds, reason }) => {
    head.warn(sentenceOfExpiry(inSeconds, reason));
    forget();
    // The SDK reports the same press, so the warning is settled by it.
    if (reason === 'idle_timeout') forget = onSignOfLife(() => head.warn(''));
  });
  return Object.freeze({
    title: 'Account',
    node: element('div', { class: 'account' }, head.node, connection.node, sessions.node, password.node),
    update,
    close() {
      stop();
      unlisten();
      forget();
    },
  });
}
