import { type Failure, fail, type SessionUser, type UsersSubscribed, usersEvents } from '@latchkey/contract';
import { type Causes, type SocketSession, sessionRoom } from '@latchkey/core';
import type { Clock } from '@latchkey/core/internal';
import type { Server, Socket } from 'socket.io';
import type { PresenceView } from '../client/presence-cache.ts';
import type { LocalUserSessions } from '../session/local-user-sessions.ts';
import { toUserSession } from '../session/user-session.ts';
import { createOnlineUsersPublisher } from './online-users-publisher.ts';
import { createUsersPolicy, type UsersOptions } from './options.ts';
import { createUserIndex } from './user-index.ts';

export interface UsersFeedDeps {
  readonly io: Server;
  readonly users: UsersOptions;
  readonly userSessions: PresenceView;
  readonly sessions: Pick<LocalUserSessions, 'find'>;
  readonly clock: Clock;
  readonly causes: Pick<Causes, 'report'>;
  /** Notifies a socket of the end of its subscription, with the reason. */
  readonly onDropped: (socket: Socket, failure: Failure) => void;
}

/** The subscribers of a tenant on this server. */
const subscribersRoom = (tenantId: string): string => `users:${tenantId}`;
const socketSessionOf = (socket: Socket) => socket.data as SocketSession;

export function createUsersFeed(deps: UsersFeedDeps) {
  const { io, users, userSessions, sessions, clock, causes, onDropped } = deps;
  const policy = createUsersPolicy(users, causes);
  const { adapter, sockets } = io.of('/');
  const index = createUserIndex({
    userSessions,
    onChange({ id, tenant_id, user_id }) {
      online.markChanged(tenant_id, user_id);
      recheckSession(id);
    },
  });
  const online = createOnlineUsersPublisher({
    ...{ index, clock, show: policy.show },
    hasSubscribers: (tenantId) => adapter.rooms.has(subscribersRoom(tenantId)),
    // The other servers publish to their own subscribers.
    publish: (tenantId, changes) => void io.local.to(subscribersRoom(tenantId)).emit(usersEvents.changed, changes),
  });

  /** As signed in here and as the service has them now: either may be the newer. */
  function claimsOf({ sid, tenantId, userId }: SocketSession): SessionUser[] {
    const elsewhere = index.sessionsOf(tenantId, userId).filter(({ id }) => id === sid);
    return [sessions.find(sid), ...elsewhere.map(toUserSession)].flatMap((session) => session?.payload ?? []);
  }

  function assertReader(socket: Socket): void {
    const claims = claimsOf(socketSessionOf(socket));
    if (claims.length === 0 || !claims.every(policy.mayRead)) throw fail('forbidden', { reason: 'users_refused' });
  }

  function unsubscribe(socket: Socket): void {
    void socket.leave(subscribersRoom(socketSessionOf(socket).tenantId));
  }

  function recheckSocket(socket: Socket): void {
    if (!socket.rooms.has(subscribersRoom(socketSessionOf(socket).tenantId))) return;
    try {
      assertReader(socket);
    } catch (error) {
      unsubscribe(socket);
      onDropped(socket, error as Failure);
    }
  }

  /** Ends the session's subscriptions if its user may read no longer. */
  function recheckSession(sessionId: string): void {
    for (const id of [...(adapter.rooms.get(sessionRoom(sessionId)) ?? [])]) {
      const socket = sockets.get(id);
      if (socket !== undefined) recheckSocket(socket);
    }
  }

  return Object.freeze({
    /** Subscribes the socket and returns a page of the users of its tenant. @throws forbidden · invalid_request */
    subscribe(socket: Socket, cursor: string | undefined): UsersSubscribed {
      assertReader(socket);
      const { tenantId } = socketSessionOf(socket);
      const page = online.page(tenantId, cursor);
      void socket.join(subscribersRoom(tenantId));
      return page;
    },
    unsubscribe,
    recheckSession,
    close() {
      index.close();
      online.close();
    },
  });
}
