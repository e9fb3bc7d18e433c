import { type AdminSubscribed, adminEvents, type ErrorCode, fail, toFailure, toWireError } from '@latchkey/contract';
import { adminSubscribeSchema, parseInput } from '@latchkey/contract/schemas';
import type { SocketSession } from '@latchkey/core';
import { type Clock, createTimer, isUnavailable } from '@latchkey/core/internal';
import type { Server, Socket } from 'socket.io';
import type { AdminFlows } from '../../flow/flows.ts';
import type { ServiceCauses } from '../../ops/causes.ts';
import { createFailureLog } from '../../ops/failure-log.ts';
import type { ServiceLogger } from '../../ops/logger.ts';
import { createPresenceFeed } from '../presence-feed.ts';
import { createAdminBroadcaster } from './broadcaster.ts';

export interface AdminUpdatesDeps {
  readonly flows: Pick<AdminFlows, 'authorizeUpdates' | 'readOperatorStatuses' | 'listPresence' | 'onSessionEnded'>;
  readonly clock: Clock;
  readonly log: ServiceLogger;
  readonly causes: Pick<ServiceCauses, 'report'>;
}

interface AdminUpdates {
  /** Sockets that are subscribed now. */
  count(): number;
  close(): void;
}

/** Sessions end by the thousand: one word for all of this time. */
const endsDebounceMs = 500;

/**
 * Sends changes of presence to operators on their own sockets, on namespace `/`: from `admin_subscribe` until its admin
 * token expires, the administrator flag is removed, or the socket closes. Nothing is read without a subscriber.
 */
export function mountAdminUpdates(io: Server, { flows, clock, log, causes }: AdminUpdatesDeps): AdminUpdates {
  const logWorkFailure = createFailureLog({ log, causes }, 'work_unavailable');
  const onError = (error: unknown) =>
    logWorkFailure(error, 'updates for operators failed; consoles read their lists again within 5 s');
  const presenceFeed = createPresenceFeed({ listPresence: flows.listPresence, clock, onError });
  /** Subscribers, with the timer that ends each subscription with its token. */
  const subscribers = new Map<Socket, () => void>();
  const broadcaster = createAdminBroadcaster({ flows, onError, sockets: () => [...subscribers.keys()], drop });
  let unsubscribeAll: (() => void) | undefined;

  /** From here on changes are sent, and also ends of sessions, because sessions without a socket have no changes. */
  function subscribeAll(): () => void {
    const timer = createTimer(clock, broadcaster.requestRefetch);
    const removePresence = presenceFeed.subscribe(broadcaster.publish);
    const removeEnds = flows.onSessionEnded(() => timer.set(endsDebounceMs));
    return () => {
      removePresence();
      removeEnds();
      timer.cancel();
    };
  }

  function forget(socket: Socket): void {
    subscribers.get(socket)?.();
    subscribers.delete(socket);
    if (subscribers.size > 0) return;
    unsubscribeAll?.();
    unsubscribeAll = undefined;
    broadcaster.clear();
  }

  function drop(socket: Socket, code: ErrorCode): void {
    forget(socket);
    socket.emit(adminEvents.unsubscribed, toWireError(fail(code)));
  }

  async function subscribe(socket: Socket, input: unknown): Promise<AdminSubscribed> {
    const { access_token } = parseInput(adminSubscribeSchema, input);
    const { expiresInSeconds } = await flows.authorizeUpdates(access_token, (socket.data as SocketSession).sid);
    // Otherwise existing entries would be sent as new.
    const isWhole = await presenceFeed.ready();
    if (socket.connected) add(socket, expiresInSeconds);
    // Changes during the first read of a large table are not pushed: the lists have to be read again.
    if (!isWhole) presenceFeed.read().then(broadcaster.requestRefetch, onError);
    return { expires_in: expiresInSeconds };
  }

  function add(socket: Socket, expiresInSeconds: number): void {
    if (subscribers.has(socket)) subscribers.get(socket)!();
    else socket.once('disconnect', () => forget(socket));
    subscribers.set(
      socket,
      clock.after(expiresInSeconds * 1_000, () => drop(socket, 'unauthenticated')),
    );
    unsubscribeAll ??= subscribeAll();
  }

  // One function for all sockets: closures for each would cost memory.
  function onSubscribe(this: Socket, input: unknown, ack: unknown): void {
    if (typeof ack !== 'function') return;
    subscribe(this, input).then(
      (data) => ack({ ok: true, data }),
      (error: unknown) => {
        const failure = toFailure(error);
        if (isUnavailable(failure))
          causes.report('requests_unavailable', { event: adminEvents.subscribe, err: failure });
        else if (failure.cause !== undefined) onError(failure);
        ack({ ok: false, error: toWireError(failure) });
      },
    );
  }

  const onConnection = (socket: Socket) => void socket.on(adminEvents.subscribe, onSubscribe);
  io.on('connection', onConnection);
  for (const socket of io.sockets.sockets.values()) onConnection(socket);

  return Object.freeze({
    count: () => subscribers.size,
    close() {
      io.off('connection', onConnection);
      for (const socket of [...subscribers.keys()]) forget(socket);
      presenceFeed.close();
    },
  });
}
