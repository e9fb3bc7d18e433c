import type { Session, SessionState } from '@latchkey/sdk-browser';
import { element } from '../element.ts';
import { expiryMessage } from '../messages.ts';
import type { Repeat } from '../platform/timers.ts';
import { onNextActivity } from '../platform/user-activity.ts';
import type { View } from '../view.ts';
import type { AccountApi } from './account-api.ts';
import { createAccountHeader } from './account-header.ts';
import { createConnectionCard } from './connection-card.ts';
import { createPasswordCard } from './password-card.ts';
import { createSessionsCard } from './sessions-card.ts';

interface AccountViewDeps {
  readonly session: Session;
  readonly api: AccountApi;
  readonly repeat: Repeat;
  /**
   * Ends this session, or all sessions. The sign-in page then shows another message than after an end by another
   * client.
   */
  readonly signOut: (input: { readonly scope: 'session' | 'all'; readonly force?: boolean }) => Promise<unknown>;
}

const reloadMs = 5_000;

/** Who I am, the connection, my sessions, my password. */
export function createAccountView({ session, api, repeat, signOut }: AccountViewDeps): View {
  const head = createAccountHeader((force) => signOut({ scope: 'session', force }));
  const connection = createConnectionCard(() => session.socket.io.engine?.close());
  const password = createPasswordCard(api.changePassword);
  const sessions = createSessionsCard({
    list: api.sessions,
    endOne: api.endSession,
    endOthers: () => session.logout({ scope: 'others' }),
    endAll: () => signOut({ scope: 'all' }),
  });
  let live = false;
  let isUserShown = false;
  const load = async (): Promise<void> => {
    await sessions.load();
    // A name that cannot be read harms nothing, and the sessions card says why; it is asked for again with them.
    const me = isUserShown ? undefined : await api.me().catch(() => undefined);
    if (me === undefined) return;
    isUserShown = true;
    head.showUser(me);
    password.setEmail(me.email ?? '');
  };
  const update = (state: SessionState): void => {
    connection.update(state);
    const isLive = state.status === 'active' || state.status === 'refreshing';
    if (isLive && !live) {
      head.showWarning('');
      void load();
    }
    sessions.setStale(!isLive);
    live = isLive;
  };
  const stop = repeat(reloadMs, () => live && void load());
  let stopWaiting = () => {};
  const unlisten = session.on('session_expiring', ({ inSeconds, reason }) => {
    head.showWarning(expiryMessage(inSeconds, reason));
    stopWaiting();
    // The SDK reports the same press, so the warning is settled by it.
    if (reason === 'idle_timeout') stopWaiting = onNextActivity(() => head.showWarning(''));
  });
  return Object.freeze({
    title: 'Account',
    node: element('div', { class: 'account' }, head.node, connection.node, sessions.node, password.node),
    update,
    close() {
      stop();
      unlisten();
      stopWaiting();
    },
  });
}
