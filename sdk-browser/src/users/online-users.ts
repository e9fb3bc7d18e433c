import {
  type Failure,
  type OnlineUser,
  type UsersChanged,
  type UsersSubscribed,
  usersEvents,
} from '@latchkey/contract';
import { maintainSubscription, type SubscriptionDeps } from '../connection/subscription.ts';
import type { SessionEmitter } from '../session/session-emitter.ts';

/** The known online users of the session's tenant. Frozen. Each change creates a new object. */
export interface OnlineUsersState {
  /** Empty before the first answer of the server, without permission, and after the end of the session. */
  readonly users: readonly OnlineUser[];
  /** Why there are none, such as `forbidden` without permission of the app. The SDK tries again when the socket authenticates. */
  readonly failure: Failure | undefined;
}

/** The state before the first answer. */
export const noOnlineUsers: OnlineUsersState = Object.freeze({ users: Object.freeze([]), failure: undefined });

interface OnlineUsersDeps extends SubscriptionDeps {
  readonly events: Pick<SessionEmitter, 'on'>;
}

/** Subscribes to the list on each connection of the session. Returns the function that ends the subscription. */
export function subscribeOnlineUsers(deps: OnlineUsersDeps, publish: (users: OnlineUsersState) => void): () => void {
  const { connection, authenticator, events } = deps;
  let users = new Map<string, OnlineUser>();
  let isComplete = false;
  let ownerSessionId: string | undefined;

  const show = (failure?: Failure): void =>
    publish(Object.freeze({ users: Object.freeze([...users.values()]), failure }));
  const clear = (failure?: Failure): void => {
    users = new Map();
    isComplete = false;
    show(failure);
  };
  const onChanged = ({ online, offline }: UsersChanged): void => {
    for (const user of online) users.set(user.user_id, user);
    for (const id of offline) users.delete(id);
    if (isComplete) show();
  };
  const onPage = (page: UsersSubscribed): void => {
    for (const user of page.users) users.set(user.user_id, user);
    isComplete = page.next_cursor === null;
    if (page.next_cursor === null) show();
    else subscription.request({ cursor: page.next_cursor }, onPage);
  };
  const subscription = maintainSubscription<UsersSubscribed>(deps, {
    names: usersEvents,
    handlers: { [usersEvents.changed]: onChanged },
    payload() {
      // Another session may be of another tenant.
      if (ownerSessionId !== undefined && ownerSessionId !== authenticator.liveSessionId) clear();
      ownerSessionId = authenticator.liveSessionId;
      return {};
    },
    onSubscribed(page) {
      users = new Map();
      onPage(page);
    },
    onRefused: clear,
  });
  const removeState = events.on('state', ({ status }) => {
    if (status === 'signed_out' && users.size > 0) clear();
  });
  return () => {
    removeState();
    subscription.stop();
    connection.send((socket) => void (socket as unknown as { emit(name: string): void }).emit(usersEvents.unsubscribe));
  };
}
