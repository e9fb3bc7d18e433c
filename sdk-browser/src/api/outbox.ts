import { type Ack, assertOptions, type Failure, type OptionNames } from '@latchkey/contract';
import { fail } from '../fail.ts';
import type { Timers } from '../platform/timers.ts';
import type { SessionEmitter } from '../session-events.ts';
import type { SessionState } from '../session-state.ts';
import type { Authenticator } from '../socket/authenticator.ts';
import type { SocketConnection } from '../socket/connection.ts';
import { isClosedForSize, payloadTooLarge } from '../socket/message-size.ts';
import { toFailure } from '../socket/to-failure.ts';
import { createCallSender } from './call-sender.ts';
import {
  type CallOptions,
  type CallRequest,
  createPendingCall,
  type PendingCall,
  type PendingCallDeps,
} from './pending-call.ts';
import { callsToDelay, retryDelayMs } from './retry-after.ts';

/** Calls of all apis of one session, from their begin to their answer, over whatever connections that takes. */
export interface Outbox {
  /** Rejects with what the server refused with, `unavailable`, `unauthenticated`, or the reason of the caller's signal. */
  post(made: Omit<CallRequest, 'sid'>, options: CallOptions): Promise<unknown>;
  /** Gives up all of them. */
  close(): void;
}

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

/** Without a connection, a call waits for the next one only if it cannot run twice there. */
function waitOrReject(call: PendingCall, mayHaveRun: boolean): void {
  if (call.key === undefined && (mayHaveRun || !call.mayQueue)) call.reject(fail('unavailable'));
}

/** Other states, another session: what becomes of a call that was made in `call.sid`. */
function applyState(call: PendingCall, state: SessionState): void {
  if (state.status === 'signed_out' || state.sessionId !== call.sid) call.reject(fail('unauthenticated'));
  else if (state.status === 'error') call.reject(fail('unavailable'));
  else if (isReconnecting(state) && !call.isSent) waitOrReject(call, false);
}

const names: OptionNames<CallOptions> = { timeoutMs: true, signal: true, idempotencyKey: 'string', queue: 'boolean' };

export function createOutbox({ connection, authenticator, events, timers, state, onUnanswered }: OutboxDeps): Outbox {
  const sender = createCallSender({ connection, timers });
  const pending = new Set<PendingCall>();

  /** Holds what a refusal says to send later; false: it is to be rejected. */
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
  /** A server that is about to stop takes no more calls: one with a key goes to the next server. */
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
      // The params cannot be encoded, or are more than the server takes.
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
  /** Sent again, a call that was too large for the peer would close each connection. */
  const rejectLargest = (details: unknown): void => {
    const sent = [...pending].filter(({ isSent, bytes }) => isSent && isClosedForSize(details, bytes));
    sent
      .sort((a, b) => b.bytes - a.bytes)[0]
      ?.reject(payloadTooLarge('The connection was closed for the size of a message.'));
  };
  /** The session a call belongs to: of the live connection, or the one that comes back. */
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
  // Before the acknowledgements are given up, which is when calls with a key wait to be sent again.
  connection.socket.on('disconnect', (_reason, details) => rejectLargest(details));

  return Object.freeze({
    async post(made: Omit<CallRequest, 'sid'>, options: CallOptions) {
      assertOptions('call', options, names);
      options.signal?.throwIfAborted();
      const answer = createPendingCall({ timers, pending, onUnanswered }, { ...made, sid: sidFor(options) }, options);
      flush();
      return answer;
    },
    close() {
      for (const call of pending) call.reject(fail('unavailable'));
    },
  });
}
