import { type Ack, assertOptions, type Failure, type OptionNames } from '@latchkey/contract';
import type { Authenticator } from '../connection/authenticator.ts';
import type { SocketConnection } from '../connection/connection.ts';
import { isClosedForSize, payloadTooLarge } from '../connection/message-size.ts';
import { fail, toFailure } from '../platform/fail.ts';
import type { Timers } from '../platform/timers.ts';
import type { SessionEmitter } from '../session/session-emitter.ts';
import type { SessionState } from '../session/session-state.ts';
import { createCallSender } from './call-sender.ts';
import {
  type CallOptions,
  type CallRequest,
  createPendingCall,
  type PendingCall,
  type PendingCallDeps,
} from './pending-call.ts';
import { callsToDelay, retryDelayMs } from './retry-after.ts';

interface OutboxDeps {
  readonly connection: Pick<SocketConnection, 'socket' | 'send'>;
  readonly authenticator: Pick<Authenticator, 'liveSessionId'>;
  readonly events: Pick<SessionEmitter, 'on'>;
  readonly timers: Timers;
  readonly onUnanswered: PendingCallDeps['onUnanswered'];
  readonly state: () => SessionState;
}

function isReconnecting({ status }: SessionState): boolean {
  return status === 'offline' || status === 'connecting';
}

/** Rejects a call without a connection, unless it may wait for the next one. It waits only if it cannot run twice. */
function waitOrReject(call: PendingCall, mayHaveRun: boolean): void {
  if (call.key === undefined && (mayHaveRun || !call.mayQueue)) call.reject(fail('unavailable'));
}

/** Rejects a call whose session has ended or changed, and a call that may not wait for a connection. */
function applyState(call: PendingCall, state: SessionState): void {
  if (state.status === 'signed_out' || state.sessionId !== call.sid) call.reject(fail('unauthenticated'));
  else if (state.status === 'error') call.reject(fail('unavailable'));
  else if (isReconnecting(state) && !call.isSent) waitOrReject(call, false);
}

const names: OptionNames<CallOptions> = { timeoutMs: true, signal: true, idempotencyKey: 'string', queue: 'boolean' };

/** Creates the outbox of a session. */
export function createOutbox({ connection, authenticator, events, timers, state, onUnanswered }: OutboxDeps) {
  const sender = createCallSender({ connection, timers });
  const pending = new Set<PendingCall>();

  /** Schedules a refused call for later. Returns false if the call must be rejected. */
  const wait = (call: PendingCall, failure: Failure): boolean => {
    const waitMs = retryDelayMs(call, failure, timers.now());
    if (waitMs === undefined) return false;
    const hold = {};
    for (const held of callsToDelay(call, failure, pending)) held.hold = hold;
    timers.after(waitMs, () => {
      for (const held of pending) if (held.hold === hold) held.hold = undefined;
      flush();
    });
    return true;
  };
  /** Handles a refusal. A call with a key that a stopping server refused is sent on the next connection. */
  const refuse = (call: PendingCall, failure: Failure, socketId: string | undefined): void => {
    if (failure.code === 'unknown_call') onUnanswered(call);
    if (failure.code === 'server_draining' && call.key !== undefined) call.refusedBy = socketId;
    else if (!wait(call, failure)) call.reject(failure);
  };
  const take = (call: PendingCall, answer: Ack<unknown>, socketId: string | undefined): void => {
    if (answer?.ok === true) call.resolve(answer.data);
    else refuse(call, toFailure(answer?.error), socketId);
  };
  const isReady = (call: PendingCall, sid: string): boolean =>
    call.sid === sid && !call.isSent && call.hold === undefined && call.refusedBy !== connection.socket.id;
  const send = (call: PendingCall): void => {
    const socketId = connection.socket.id;
    call.isSent = sender.send(call, (answer) => {
      call.isSent = false;
      if (answer === undefined) waitOrReject(call, true);
      else take(call, answer, socketId);
      flush();
    });
    if (!call.isSent) waitOrReject(call, false);
  };
  const trySend = (call: PendingCall): void => {
    try {
      send(call);
    } catch (error) {
      // The params cannot be encoded, or exceed the limit of the server.
      call.reject(error);
    }
  };
  const flush = (): void => {
    const sid = authenticator.liveSessionId;
    if (sid === undefined) return;
    for (const call of pending) {
      if (sender.isFull) return;
      if (!call.expire() && isReady(call, sid)) trySend(call);
    }
  };
  /** Rejects the largest call after the peer closed the connection for its size. A retry would close the next one, too. */
  const rejectLargest = (details: unknown): void => {
    const sent = [...pending].filter(({ isSent, bytes }) => isSent && isClosedForSize(details, bytes));
    sent
      .sort((a, b) => b.bytes - a.bytes)[0]
      ?.reject(payloadTooLarge('The connection was closed because of the size of a message.'));
  };
  /** The session of a new call: that of the live connection, or with `queue` the one that reconnects. Throws if none. */
  const sidFor = ({ queue = false }: CallOptions): string => {
    const now = state();
    const sid = authenticator.liveSessionId ?? (queue && isReconnecting(now) ? now.sessionId : undefined);
    if (sid === undefined) throw fail(now.status === 'signed_out' ? 'unauthenticated' : 'unavailable');
    return sid;
  };
  events.on('authenticated', flush);
  events.on('state', (now) => {
    for (const call of pending) if (!call.expire()) applyState(call, now);
  });
  // This listener runs before the acknowledgements fail, which marks calls with a key for a retry.
  connection.socket.on('disconnect', (_reason, details) => rejectLargest(details));

  return Object.freeze({
    /** Resolves with the answer. Rejects with the server's code, `unavailable`, `unauthenticated`, or the signal's reason. */
    async post(made: Omit<CallRequest, 'sid'>, options: CallOptions) {
      assertOptions('call', options, names);
      options.signal?.throwIfAborted();
      const answer = createPendingCall({ timers, pending, onUnanswered }, { ...made, sid: sidFor(options) }, options);
      flush();
      return answer;
    },
    /** Rejects all pending calls with `unavailable`. */
    close() {
      for (const call of pending) call.reject(fail('unavailable'));
    },
  });
}

/** Pending calls of all apis of one session, across reconnects. */
export type Outbox = ReturnType<typeof createOutbox>;
