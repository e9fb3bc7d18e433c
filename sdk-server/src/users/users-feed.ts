import { type Failure, fail, type SessionUser, type UsersSubscribed, usersEvents } from '@latchkey/contract';
import type { Server, Socket } from 'socket.io';
import type { Causes } from '../cause/causes.ts';
import type { Clock } from '../clock.ts';
import type { UserSessions } from '../link/user-session-reader.ts';
import type { LocalUserSessions } from '../session/local-user-sessions.ts';
import { userSessionOf } from '../session/user-session.ts';
import { roomOf, type SocketIdentity } from '../socket/rooms.ts';
import { createOnlineUsers } from './online-users.ts';
import { createUsersPolicy, type UsersOptions } from './options.ts';
import { createUserIndex } from './user-index.ts';

export interface UsersFeedDeps {
  readonly io: Server;
  readonly users: UsersOptions;
  readonly userSessions: UserSessions;
  readonly sessions: Pick<LocalUserSessions, 'find'>;
  readonly clock: Clock;
  readonly causes: Pick<Causes, 'report'>;
  /** Tells a socket why it is subscribed no longer. */
  readonly onDropped: (socket: Socket, failure: Failure) => void;
}

interface UsersFeed {
  /** Subscribes the socket and returns a page of the users of its tenant. @throws forbidden · invalid_request */
  subscribe(socket: Socket, cursor: string | undefined): UsersSubscribed;
  unsubscribe(socket: Socket): void;
  /** Ends the session's subscriptions if its user may read no longer. */
  judge(sessionId: string): void;
  close(): void;
}

/** The subscribers of a tenant on this server. */
const subscribersOf = (tenantId: string): string => `users:${tenantId}`;
const identityOf = (socket: Socket) => socket.data as SocketIdentity;

export function createUsersFeed(deps: UsersFeedDeps): UsersFeed {
  const { io, users, userSessions, sessions, clock, causes, onDropped } = deps;
  const policy = createUsersPolicy(users, causes);
  const { adapter, sockets } = io.of('/');
  const index = createUserIndex({
    userSessions,
    onChange({ id, tenant_id, user_id }) {
      online.touch(tenant_id, user_id);
      judge(id);
    },
  });
  const online = createOnlineUsers({
    ...{ index, clock, show: policy.show },
    hasSubscribers: (tenantId) => adapter.rooms.has(subscribersOf(tenantId)),
    // The other servers publish to their own subscribers.
    publish: (tenantId, changes) => void io.local.to(subscribersOf(tenantId)).emit(usersEvents.changed, changes),
  });

  /** As signed in here and as the service has them now: either may be the newer. */
  function claimsOf({ sid, tenantId, userId }: SocketIdentity): SessionUser[] {
    const elsewhere = index.sessionsOf(tenantId, userId).filter(({ id }) => id === sid);
    return [sessions.find(sid), ...elsewhere.map(userSessionOf)].flatMap((session) => session?.payload ?? []);
  }

  function assertReader(socket: Socket): void {
    const claims = claimsOf(identityOf(socket));
    if (claims.length === 0 || !claims.every(policy.mayRead)) throw fail('forbidden', { reason: 'users_refused' });
  }

  function unsubscribe(socket: Socket): void {
    void socket.leave(subscribersOf(identityOf(socket).tenantId));
  }

  function judgeSocket(socket: Socket): void {
    if (!socket.rooms.has(subscribersOf(identityOf(socket).tenantId))) return;
    try {
      assertReader(socket);
    } catch (error) {
      unsubscribe(socket);
      onDropped(socket, error as Failure);
    }
  }

  function judge(sessionId: string): void {
    for (const id of [...(adapter.rooms.get(roomOf(sessionId)) ?? [])]) {
      const socket = sockets.get(id);
      if (socket !== undefined) judgeSocket(socket);
    }
  }

  return Object.freeze<UsersFeed>({
    subscribe(socket, cursor) {
      assertReader(socket);
      const { tenantId } = identityOf(socket);
      const page = online.page(tenantId, cursor);
      void socket.join(subscribersOf(tenantId));
      return page;
    },
    unsubscribe,
    judge,
    close() {
      index.close();
      online.close();
    },
  });
}
