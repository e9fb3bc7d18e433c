import type { OnlineUser } from '@latchkey/contract';
import { createSubscribable, notifyListener } from '../platform/subscribable.ts';
import { getInternals } from '../session/internals.ts';
import type { Session, Unsubscribe } from '../session/session.ts';
import { noOnlineUsers, type OnlineUsersState, subscribeOnlineUsers } from './online-users.ts';

/** The online users of the session's tenant. The server's app decides who may read them, and which fields they have. */
export interface OnlineUserList {
  /** Returns the users, the same array until a change. Empty without a subscriber. */
  list(): readonly OnlineUser[];
  /**
   * Calls `listener` with the known list at once, and with each change, across reconnects, until the returned function is called.
   * Throws `TypeError` when `listener` is not a function.
   */
  subscribe(listener: (online: OnlineUsersState) => void): Unsubscribe;
}

const all = new WeakMap<Session, OnlineUserList>();

function openList(session: Session): OnlineUserList {
  const { core } = getInternals(session);
  let current = noOnlineUsers;
  const listeners = createSubscribable<OnlineUsersState>((publish) => {
    const leave = subscribeOnlineUsers({ ...core, random: Math.random }, (users) => {
      current = users;
      publish(users);
    });
    return () => {
      leave();
      current = noOnlineUsers;
    };
  });
  core.closed.addEventListener('abort', listeners.clear);
  return Object.freeze<OnlineUserList>({
    list: () => current.users,
    subscribe(listener) {
      if (typeof listener !== 'function') throw new TypeError('subscribe needs a listener function.');
      if (current !== noOnlineUsers) notifyListener(listener, current);
      return listeners.subscribe(listener);
    },
  });
}

/**
 * Returns the online users of the session's tenant, the same object for each call. Throws `TypeError` for an object that
 * `createSession` did not make.
 *
 * @example
 * import { getOnlineUsers } from '@latchkey/sdk-browser/users';
 * const leave = getOnlineUsers(session).subscribe(({ users, failure }) => show(users, failure?.code));
 */
export function getOnlineUsers(session: Session): OnlineUserList {
  const users = all.get(session) ?? openList(session);
  all.set(session, users);
  return users;
}
