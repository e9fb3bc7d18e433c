import { type Ack, assertOptions, type Failure, type OptionNames } from '@latchkey/contract';
import { fail } from '../fail.ts';
import type { Timers } from '../platform/timers.ts';
import type { Events } from '../session-events.ts';
import type { SessionState } from '../session-state.ts';
import type { Conversation } from '../socket/conversation.ts';
import type { Link } from '../socket/link.ts';
import { isClosedForSize, tooLarge } from '../socket/message-size.ts';
import { toFailure } from '../socket/to-failure.ts';
import { createLanes } from './lanes.ts';
import { type CallMade, type CallOptions, holdCall, type PendingCall, type PendingCallNeeds } from './pending-call.ts';
import { heldBack, waitTold } from './wait-told.ts';

/** Calls of all apis of one session, from their begin to their answer, over whatever connections that takes. */
export interface Outbox {
  /** Rejects with what the server refused with, `unavailable`, `unauthenticated`, or the reason of the caller's signal. */
  post(made: Omit<CallMade, 'sid'>, options: CallOptions): Promise<unknown>;
  /** Gives up all of them. */
  close(): void;
}

interface OutboxNeeds {
  readonly link: Pick<Link, 'socket' | 'send'>;
  readonly conversation: Pick<Conversation, 'liveSid'>;
  readonly events: Pick<Events, 'on'>;
  readonly timers: Timers;
  readonly onUnanswered: PendingCallNeeds['onUnanswered'];
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
function follow(call: PendingCall, state: SessionState): void {
  if (state.status === 'signed_out' || state.sessionId !== call.sid) call.reject(fail('unauthenticated'));
  else if (state.status === 'error') call.reject(fail('unavailable'));
  else if (isReconnecting(state) && !call.isSent) waitOrReject(call, false);
}

const names: OptionNames<CallOptions> = { timeoutMs: true, signal: true, idempotencyKey: 'string', queue: 'boolean' };

export function createOutbox({ link, conversation, events, timers, state, onUnanswered }: OutboxNeeds): Outbox {
  const lanes = createLanes({ link, timers });
  const pending = new Set<PendingCall>();

  /** Holds what a refusal says to send later; false: it is to be rejected. */
  const wait = (call: PendingCall, failure: Failure): boolean => {
    const waitMs = waitTold(call, failure, timers.now());
    if (waitMs === undefined) return false;
    const hold = {};
    for (const held of heldBack(call, failure, pending)) held.hold = hold;
    timers.after(waitMs, () => {
      for (const held of pending) if (held.hold === hold) held.hold = undefined;
      flush();
    });
    return true;
  };
  /** A server that is about to stop takes no more calls: one with a key goes to the next server. */
  const refuse = (call: PendingCall, failure: Failure, connection: string | undefined): void => {
    if (failure.code === 'unknown_call') onUnanswered(call);
    if (failure.code === 'server_draining' && call.key !== undefined) call.refusedBy = connection;
    else if (!wait(call, failure)) call.reject(failure);
  };
  const take = (call: PendingCall, answer: Ack<unknown>, connection: string | undefined): void => {
    if (answer?.ok === true) call.resolve(answer.data);
    else refuse(call, toFailure(answer?.error), connection);
  };
  const isReady = (call: PendingCall, sid: string): boolean =>
    call.sid === sid && !call.isSent && call.hold === undefined && call.refusedBy !== link.socket.id;
  const send = (call: PendingCall): void => {
    const connection = link.socket.id;
    call.isSent = lanes.carry(call, (answer) => {
      call.isSent = false;
      if (answer === undefined) waitOrReject(call, true);
      else take(call, answer, connection);
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
    const sid = conversation.liveSid;
    if (sid === undefined) return;
    for (const call of pending) {
      if (lanes.isFull) return;
      if (!call.expire() && isReady(call, sid)) trySend(call);
    }
  };
  /** Sent again, a call that was too large for the peer would close each connection. */
  const rejectLargest = (details: unknown): void => {
    const sent = [...pending].filter(({ isSent, bytes }) => isSent && isClosedForSize(details, bytes));
    sent.sort((a, b) => b.bytes - a.bytes)[0]?.reject(tooLarge('The connection was closed for the size of a message.'));
  };
  /** The session a call belongs to: of the live connection, or the one that comes back. */
  const sidFor = ({ queue = false }: CallOptions): string => {
    const now = state();
    const sid = conversation.liveSid ?? (queue && isReconnecting(now) ? now.sessionId : undefined);
    if (sid === undefined) throw fail(now.status === 'signed_out' ? 'unauthenticated' : 'unavailable');
    return sid;
  };
  events.on('authenticated', flush);
  events.on('state', (now) => {
    for (const call of pending) if (!call.expire()) follow(call, now);
  });
  // Before the acknowledgements are given up, which is when calls with a key wait to be sent again.
  link.socket.on('disconnect', (_reason, details) => rejectLargest(details));

  return Object.freeze({
    async post(made: Omit<CallMade, 'sid'>, options: CallOptions) {
      assertOptions('call', options, names);
      options.signal?.throwIfAborted();
      const answer = holdCall({ timers, pending, onUnanswered }, { ...made, sid: sidFor(options) }, options);
      flush();
      return answer;
    },
    close() {
      for (const call of pending) call.reject(fail('unavailable'));
    },
  });
}
