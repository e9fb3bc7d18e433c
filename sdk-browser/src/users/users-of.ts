import type { OnlineUser } from '@latchkey/contract';
import { insideOf } from '../inside.ts';
import { createSubscribable, tell } from '../platform/subscribable.ts';
import type { Remove, Session } from '../session.ts';
import { followUsers, noUsers, type OnlineUsers } from './online-users.ts';

/** The users of the session's tenant who are online. The server's app says who may read them, and what is shown of each. */
export interface Users {
  /** Known while there is a subscriber; the same list until a change. */
  list(): readonly OnlineUser[];
  /**
   * Calls `listener` with each change, over reconnects, until the returned function is called. A list that is known is
   * told at once.
   */
  subscribe(listener: (online: OnlineUsers) => void): Remove;
}

const all = new WeakMap<Session, Users>();

function open(session: Session): Users {
  const { core } = insideOf(session);
  let current = noUsers;
  const listeners = createSubscribable<OnlineUsers>((publish) => {
    const leave = followUsers({ ...core, random: Math.random }, (users) => {
      current = users;
      publish(users);
    });
    return () => {
      leave();
      current = noUsers;
    };
  });
  core.closed.addEventListener('abort', listeners.clear);
  return Object.freeze<Users>({
    list: () => current.users,
    subscribe(listener) {
      if (typeof listener !== 'function') throw new TypeError('subscribe needs a listener.');
      if (current !== noUsers) tell(listener, current);
      return listeners.subscribe(listener);
    },
  });
}

/**
 * Who is online in the session's tenant; the same object each time.
 *
 * @example
 * import { usersOf } from '@latchkey/sdk-browser/users';
 * const leave = usersOf(session).subscribe(({ users, failure }) => show(users, failure?.code));
 */
export function usersOf(session: Session): Users {
  const users = all.get(session) ?? open(session);
  all.set(session, users);
  return users;
}
