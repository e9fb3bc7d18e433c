import type { OnlineUser } from '@latchkey/contract';
import { getInternals } from '../inside.ts';
import { createSubscribable, notifyListener } from '../platform/subscribable.ts';
import type { Session, Unsubscribe } from '../session.ts';
import { noOnlineUsers, type OnlineUsersState, subscribeOnlineUsers } from './online-users.ts';

/** The users of the session's tenant who are online. The server's app says who may read them, and what is shown of each. */
export interface OnlineUserList {
  /** Known while there is a subscriber; the same list until a change. */
  list(): readonly OnlineUser[];
  /**
   * Calls `listener` with each change, over reconnects, until the returned function is called. A list that is known is
   * told at once.
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
      if (typeof listener !== 'function') throw new TypeError('subscribe needs a listener.');
      if (current !== noOnlineUsers) notifyListener(listener, current);
      return listeners.subscribe(listener);
    },
  });
}

/**
 * Who is online in the session's tenant; the same object each time.
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
