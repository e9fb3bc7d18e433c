import type { CursorPage } from './admin.ts';
import type { WireError } from './errors.ts';
import type { Ack } from './socket.ts';

/** Events of clients that follow who is online in their tenant, on namespace `/`, for sockets that are signed in. */
export const usersEvents = {
  subscribe: 'users_subscribe',
  unsubscribe: 'users_unsubscribe',
  changed: 'users_changed',
  unsubscribed: 'users_unsubscribed',
} as const;

/** A user with at least one socket, with what the app shows of it. */
export interface OnlineUser {
  readonly user_id: string;
  readonly [shown: string]: unknown;
}

/** Client → server. `cursor`: the `next_cursor` of the page before. */
export interface UsersSubscribe {
  cursor?: string | undefined;
}

/** A page of the users who are online. */
export type UsersSubscribed = CursorPage<'users', OnlineUser>;

/** Server → client: users who came online or are shown differently, and the ids of those without sockets. */
export interface UsersChanged {
  online: OnlineUser[];
  offline: string[];
}

/** Server → client: no further changes come. `forbidden`: the app's `mayRead` does not allow it any longer. */
export type UsersUnsubscribed = WireError;

/** Events that a browser sends to follow the online users of its tenant. */
export interface UsersClientEvents {
  users_subscribe: (payload: UsersSubscribe, ack: (answer: Ack<UsersSubscribed>) => void) => void;
  users_unsubscribe: () => void;
}

/** Events that a backend sends to browsers that follow the online users. */
export interface UsersServerEvents {
  users_changed: (changes: UsersChanged) => void;
  users_unsubscribed: (error: UsersUnsubscribed) => void;
}
