import { fail, type UsersSubscribed, usersEvents } from '@latchkey/contract';
import { parseInput, usersSubscribeSchema } from '@latchkey/contract/schemas';
import { type Causes, createErrorReporter, splitEventArguments } from '@latchkey/core';
import type { Logger } from '@latchkey/core/internal';
import type { Socket } from 'socket.io';
import type { UsersOptions } from './options.ts';
import { createUsersFeed, type UsersFeedDeps } from './users-feed.ts';

interface UserSubscriptionsDeps extends Omit<UsersFeedDeps, 'users' | 'causes' | 'onDropped'> {
  /** Absent: every subscription is refused. */
  readonly users: UsersOptions | undefined;
  readonly log: Logger;
  readonly causes: Causes;
}

/** Lets sockets of namespace `/` follow who is online in their own tenant. */
export function createUserSubscriptions(deps: UserSubscriptionsDeps) {
  const { io, users, log, causes } = deps;
  const errorReporter = createErrorReporter({ log, causes });
  const wireOf = (error: unknown) => errorReporter.toRefusal(error, usersEvents.subscribe, []).wire;
  const feed =
    users &&
    createUsersFeed({
      ...{ ...deps, users },
      onDropped: (socket, failure) => void socket.emit(usersEvents.unsubscribed, wireOf(failure)),
    });

  function subscribe(socket: Socket, input: unknown): UsersSubscribed {
    if (feed === undefined) throw fail('forbidden', { reason: 'users_not_offered' });
    return feed.subscribe(socket, parseInput(usersSubscribeSchema, input ?? {}).cursor);
  }

  // One function for all sockets: closures for each would cost memory.
  function onSubscribe(this: Socket, ...args: unknown[]): void {
    const { payload, ack } = splitEventArguments(args);
    if (ack === undefined) return;
    try {
      ack({ ok: true, data: subscribe(this, payload) });
    } catch (error) {
      ack({ ok: false, error: wireOf(error) });
    }
  }

  function onUnsubscribe(this: Socket): void {
    feed?.unsubscribe(this);
  }

  function onConnection(socket: Socket): void {
    socket.on(usersEvents.subscribe, onSubscribe);
    socket.on(usersEvents.unsubscribe, onUnsubscribe);
  }

  io.on('connection', onConnection);
  return Object.freeze({
    /** Ends the session's subscriptions if its user may read no longer. */
    recheckSession: (sessionId: string) => feed?.recheckSession(sessionId),
    close() {
      io.off('connection', onConnection);
      feed?.close();
    },
  });
}
