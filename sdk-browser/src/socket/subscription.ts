import { Failure } from '@latchkey/contract';
import type { Socket } from 'socket.io-client';
import { fail } from '../fail.ts';
import { fullJitterMs } from '../refresh/backoff.ts';
import type { SessionCore } from '../session-core.ts';
import { settleWithAck } from './settle-with-ack.ts';
import { toFailure } from './to-failure.ts';

export interface SubscriptionDeps extends Pick<SessionCore, 'timers' | 'connection' | 'authenticator' | 'events'> {
  readonly random: () => number;
}

/** What is subscribed to, and what is done with the answers. */
interface SubscriptionSpec<Answer> {
  /** The event that subscribes, and the one by which the server ends the subscription. */
  readonly names: { readonly subscribe: string; readonly unsubscribed: string };
  /** Events that the subscription brings. */
  readonly handlers: Readonly<Record<string, (payload: never) => void>>;
  payload(): object | Promise<object>;
  /** The server has acknowledged. `isGap`: changes before it may be missing. Later events come after this call. */
  onSubscribed(answer: Answer, isGap: boolean): void;
  /** Refused for good. It is tried again at the next `authenticated`, unless the subscription is stopped. */
  onRefused(failure: Failure): void;
  /** True for a failure that is tried again although it is final. */
  isRetryable?(failure: Failure): boolean;
}

interface Subscription<Answer> {
  /** Sends the subscription's event once more on this connection. The same failures lead to the same retries. */
  request(payload: object, onAnswer: (answer: Answer) => void): void;
  /** Subscribes again after `ms`, without a gap. */
  renewAfter(ms: number, before: () => void): void;
  stop(): void;
}

const answerTimeoutMs = 10_000;

/** Subscribes on whatever connections the session has, and tries again what may pass, until it is stopped. */
export function maintainSubscription<Answer>(
  deps: SubscriptionDeps,
  spec: SubscriptionSpec<Answer>,
): Subscription<Answer> {
  const { timers, connection, authenticator, events, random } = deps;
  const { names, handlers } = spec;
  const socket = connection.socket as unknown as Socket;
  /** The connection that the subscription is on, or is asked for on. */
  let socketId: string | undefined;
  let attempts = 0;
  let isStopped = false;
  let cancelTimer = (): void => {};

  const wait = (ms: number, run: () => void): void => {
    cancelTimer();
    cancelTimer = timers.after(ms, run);
  };
  const onFailure = (cause: unknown): void => {
    const failure = cause instanceof Failure ? cause : fail('internal_error', { cause });
    if (!failure.retryable && !spec.isRetryable?.(failure)) {
      socketId = undefined;
      spec.onRefused(failure);
      return;
    }
    attempts += 1;
    wait(Math.max(fullJitterMs(attempts, random), failure.retryAfterMs ?? 0), () => void subscribe());
  };
  // By callbacks, because the answer of a promise could come after the events behind it.
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
    request,
    renewAfter(ms: number, before: () => void) {
      wait(ms, () => {
        before();
        void subscribe(false);
      });
    },
    stop() {
      isStopped = true;
      cancelTimer();
      removeAuthenticated();
      for (const [name, listener] of Object.entries(listeners))
        socket.off(name, listener as (payload: unknown) => void);
    },
  });
}
