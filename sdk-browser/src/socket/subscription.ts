import { Failure } from '@latchkey/contract';
import type { Socket } from 'socket.io-client';
import { fail } from '../fail.ts';
import { fullJitterMs } from '../refresh/backoff.ts';
import type { Core } from '../session-core.ts';
import { acknowledged } from './acknowledged.ts';
import { toFailure } from './to-failure.ts';

export interface SubscriptionNeeds extends Pick<Core, 'timers' | 'link' | 'conversation' | 'events'> {
  readonly random: () => number;
}

/** What is subscribed to, and what is done with the answers. */
interface Subject<Answer> {
  /** The event that subscribes, and the one by which the server ends the subscription. */
  readonly names: { readonly subscribe: string; readonly unsubscribed: string };
  /** Events that the subscription brings. */
  readonly incoming: Readonly<Record<string, (payload: never) => void>>;
  payload(): object | Promise<object>;
  /** The server has acknowledged. `isGap`: changes before it may be missing. Later events come after this call. */
  begun(answer: Answer, isGap: boolean): void;
  /** Refused for good. It is tried again at the next `authenticated`, unless the subscription is stopped. */
  refused(failure: Failure): void;
  /** True for a failure that is tried again although it is final. */
  mayPass?(failure: Failure): boolean;
}

interface Subscription<Answer> {
  /** Sends the subscription's event once more on this connection. The same failures lead to the same retries. */
  ask(payload: object, onAnswer: (answer: Answer) => void): void;
  /** Subscribes again after `ms`, without a gap. */
  renewAfter(ms: number, before: () => void): void;
  stop(): void;
}

const answerTimeoutMs = 10_000;

/** Subscribes on whatever connections the session has, and tries again what may pass, until it is stopped. */
export function keepSubscribed<Answer>(needs: SubscriptionNeeds, subject: Subject<Answer>): Subscription<Answer> {
  const { timers, link, conversation, events, random } = needs;
  const { names, incoming } = subject;
  const socket = link.socket as unknown as Socket;
  /** The connection that the subscription is on, or is asked for on. */
  let connection: string | undefined;
  let attempts = 0;
  let isOver = false;
  let cancelTimer = (): void => {};

  const wait = (ms: number, run: () => void): void => {
    cancelTimer();
    cancelTimer = timers.after(ms, run);
  };
  const onTrouble = (cause: unknown): void => {
    const failure = cause instanceof Failure ? cause : fail('internal_error', { cause });
    if (!failure.retryable && !subject.mayPass?.(failure)) {
      connection = undefined;
      subject.refused(failure);
      return;
    }
    attempts += 1;
    wait(Math.max(fullJitterMs(attempts, random), failure.retryAfterMs ?? 0), () => void subscribe());
  };
  // By callbacks, because the answer of a promise could come after the events behind it.
  const ask = (payload: object, onAnswer: (answer: Answer) => void): void => {
    const mine = connection;
    const isCurrent = () => !isOver && connection === mine;
    const settle = acknowledged<{ data: Answer }>(
      ({ data }) => isCurrent() && onAnswer(data),
      (failure) => isCurrent() && onTrouble(failure),
    );
    if (!link.send(() => socket.timeout(answerTimeoutMs).emit(names.subscribe, payload, settle)))
      settle(fail('unavailable'));
  };
  const subscribe = async (isGap = true): Promise<void> => {
    if (isOver || conversation.liveSid === undefined) return;
    const mine = socket.id;
    connection = mine;
    try {
      const payload = await subject.payload();
      if (isOver || connection !== mine) return;
      ask(payload, (answer) => {
        attempts = 0;
        cancelTimer();
        subject.begun(answer, isGap);
      });
    } catch (cause) {
      if (!isOver && connection === mine) onTrouble(cause);
    }
  };
  const onAuthenticated = (): void => {
    if (socket.id !== connection) void subscribe();
  };
  const listeners = { ...incoming, [names.unsubscribed]: (error: unknown) => onTrouble(toFailure(error)) };
  const removeAuthenticated = events.on('authenticated', onAuthenticated);
  for (const [name, listener] of Object.entries(listeners)) socket.on(name, listener as (payload: unknown) => void);
  void subscribe();
  return Object.freeze({
    ask,
    renewAfter(ms: number, before: () => void) {
      wait(ms, () => {
        before();
        void subscribe(false);
      });
    },
    stop() {
      isOver = true;
      cancelTimer();
      removeAuthenticated();
      for (const [name, listener] of Object.entries(listeners))
        socket.off(name, listener as (payload: unknown) => void);
    },
  });
}
