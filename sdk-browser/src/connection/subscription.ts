import type { Failure } from '@latchkey/contract';
import type { Socket } from 'socket.io-client';
import { fail, toFailure, wrapError } from '../platform/fail.ts';
import type { Timers } from '../platform/timers.ts';
import { fullJitterMs } from '../refresh/backoff.ts';
import type { Authenticator } from './authenticator.ts';
import type { SocketConnection } from './connection.ts';
import { settleWithAck } from './settle-with-ack.ts';

export interface SubscriptionDeps {
  readonly timers: Timers;
  readonly connection: Pick<SocketConnection, 'socket' | 'send'>;
  readonly authenticator: Pick<Authenticator, 'liveSessionId'>;
  readonly events: { on(event: 'authenticated', listener: () => void): () => void };
  readonly random: () => number;
}

/** A subscription and its callbacks. */
interface SubscriptionSpec<Answer> {
  /** Names of the event that subscribes, and of the event that ends the subscription. */
  readonly names: { readonly subscribe: string; readonly unsubscribed: string };
  /** Listeners for the events of the subscription. */
  readonly handlers: Readonly<Record<string, (payload: never) => void>>;
  /** Returns the payload of the subscribe event. */
  payload(): object | Promise<object>;
  /** Called with the acknowledgement, before later events. `isGap`: earlier changes may have been missed. */
  onSubscribed(answer: Answer, isGap: boolean): void;
  /** Called after a permanent refusal. It is tried again at the next `authenticated`, unless the subscription is stopped. */
  onRefused(failure: Failure): void;
  /** Returns true for a final failure that must be retried. */
  isRetryable?(failure: Failure): boolean;
}

const answerTimeoutMs = 10_000;

/** Subscribes on each connection of the session, and retries transient failures, until it is stopped. */
export function maintainSubscription<Answer>(deps: SubscriptionDeps, spec: SubscriptionSpec<Answer>) {
  const { timers, connection, authenticator, events, random } = deps;
  const { names, handlers } = spec;
  const socket = connection.socket as unknown as Socket;
  /** The connection of the subscription or of its pending request. */
  let socketId: string | undefined;
  let attempts = 0;
  let isStopped = false;
  let cancelTimer = (): void => {};

  const wait = (ms: number, run: () => void): void => {
    cancelTimer();
    cancelTimer = timers.after(ms, run);
  };
  const onFailure = (cause: unknown): void => {
    const failure = wrapError(cause, 'internal_error');
    if (!failure.retryable && !spec.isRetryable?.(failure)) {
      socketId = undefined;
      spec.onRefused(failure);
      return;
    }
    attempts += 1;
    wait(Math.max(fullJitterMs(attempts, random), failure.retryAfterMs ?? 0), () => void subscribe());
  };
  // Callbacks, because a promise could resolve after the events that follow the acknowledgement.
  const request = (payload: object, onAnswer: (answer: Answer) => void): void => {
    const mine = socketId;
    const isCurrent = () => !isStopped && socketId === mine;
    const settle = settleWithAck<{ data: Answer }>(
      ({ data }) => isCurrent() && onAnswer(data),
      (failure) => isCurrent() && onFailure(failure),
    );
    if (!connection.send(() => socket.timeout(answerTimeoutMs).emit(names.subscribe, payload, settle)))
      settle(fail('unavailable'));
  };
  const subscribe = async (isGap = true): Promise<void> => {
    if (isStopped || authenticator.liveSessionId === undefined) return;
    const mine = socket.id;
    socketId = mine;
    try {
      const payload = await spec.payload();
      if (isStopped || socketId !== mine) return;
      request(payload, (answer) => {
        attempts = 0;
        cancelTimer();
        spec.onSubscribed(answer, isGap);
      });
    } catch (cause) {
      if (!isStopped && socketId === mine) onFailure(cause);
    }
  };
  const onAuthenticated = (): void => {
    if (socket.id !== socketId) void subscribe();
  };
  const listeners = { ...handlers, [names.unsubscribed]: (error: unknown) => onFailure(toFailure(error)) };
  const removeAuthenticated = events.on('authenticated', onAuthenticated);
  for (const [name, listener] of Object.entries(listeners)) socket.on(name, listener as (payload: unknown) => void);
  void subscribe();
  return Object.freeze({
    /** Sends the subscribe event once more on this connection, for a further page. Failures are retried as for the first. */
    request,
    /** Subscribes again after `ms`, without a gap. */
    renewAfter(ms: number, before: () => void) {
      wait(ms, () => {
        before();
        void subscribe(false);
      });
    },
    /** Cancels retries and removes the listeners. */
    stop() {
      isStopped = true;
      cancelTimer();
      removeAuthenticated();
      for (const [name, listener] of Object.entries(listeners))
        socket.off(name, listener as (payload: unknown) => void);
    },
  });
}
