import type { Failure } from '@latchkey/contract';
import { fail } from '../fail.ts';
import type { Timers } from '../platform/timers.ts';

/** How one call may wait, and for how long. */
export interface CallOptions {
  /** From the call to its answer, reconnecting and the machine's sleep included. Default 10,000. */
  readonly timeoutMs?: number;
  /** Gives the call up here; the server may run it all the same. */
  readonly signal?: AbortSignal;
  /**
   * 1 to 128 printable ASCII characters, new for each thing to be done: `crypto.randomUUID()`. With it the call is
   * repeated by itself, when its answer was lost or the server says when to come again, and runs once. The api needs an
   * idempotency store.
   */
  readonly idempotencyKey?: string;
  /** While the session reconnects: wait for it instead of being refused. Default false. */
  readonly queue?: boolean;
}

/** A call without an answer. */
export interface PendingCall {
  readonly api: string;
  readonly name: string;
  readonly params: unknown;
  readonly key: string | undefined;
  readonly mayQueue: boolean;
  /** The session it was made in; no other one may carry it. */
  readonly sid: string;
  /** On `timers`. */
  readonly deadline: number;
  /** True between its emit and its acknowledgement. */
  isSent: boolean;
  /** The connection whose server is about to stop and did not take it. */
  refusedBy: string | undefined;
  /** What keeps it from being sent: the server wants it later. */
  hold: object | undefined;
  /** Size of its message, once it was sent. */
  bytes: number;
  /** Rejects the call when its deadline has passed; says whether it has. */
  expire(): boolean;
  resolve(data: unknown): void;
  reject(error: unknown): void;
}

export type CallRequest = Pick<PendingCall, 'api' | 'name' | 'params' | 'sid'>;

export interface PendingCallDeps {
  readonly timers: Timers;
  readonly pending: Set<PendingCall>;
  /** A call was sent and got no answer in time, or the server does not know it. */
  readonly onUnanswered: (call: PendingCall) => void;
}

const defaultTimeoutMs = 10_000;
const maxTimeoutMs = 2_147_483_647;
/** The platform's timers may not run while a machine sleeps, so the clock is read again after that. */
const maxTimerMs = 30_000;

function timeoutOf({ timeoutMs = defaultTimeoutMs }: CallOptions): number {
  if (timeoutMs > 0 && timeoutMs <= maxTimeoutMs) return timeoutMs;
  throw new TypeError(`timeoutMs has to be between 0 and ${maxTimeoutMs}, not ${timeoutMs}`);
}

function deadlineExceeded(): Failure {
  return fail('unavailable', { message: 'The answer did not come in time.' });
}

/** Puts a call among `pending` until it is answered, given up by its caller, or late; promises the answer. */
export function createPendingCall(
  { timers, pending, onUnanswered }: PendingCallDeps,
  made: CallRequest,
  options: CallOptions,
): Promise<unknown> {
  const { signal, idempotencyKey: key, queue: mayQueue = false } = options;
  const timeoutMs = timeoutOf(options);
  return new Promise((resolve, reject) => {
    const end = (): void => {
      pending.delete(call);
      cancelTimer();
      signal?.removeEventListener('abort', abort);
    };
    const call: PendingCall = {
      ...made,
      key,
      mayQueue,
      deadline: timers.now() + timeoutMs,
      isSent: false,
      refusedBy: undefined,
      hold: undefined,
      bytes: 0,
      expire() {
        const isLate = timers.now() >= call.deadline;
        if (isLate && call.isSent) onUnanswered(call);
        if (isLate) call.reject(deadlineExceeded());
        return isLate;
      },
      resolve(data) {
        end();
        resolve(data);
      },
      reject(error) {
        end();
        reject(error);
      },
    };
    const abort = (): void => call.reject(signal?.reason);
    const watch = (): void => {
      if (!call.expire()) cancelTimer = timers.after(Math.min(call.deadline - timers.now(), maxTimerMs), watch);
    };
    let cancelTimer = (): void => {};
    watch();
    signal?.addEventListener('abort', abort);
    pending.add(call);
  });
}
