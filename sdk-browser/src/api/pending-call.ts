import type { Failure } from '@latchkey/contract';
import { fail } from '../platform/fail.ts';
import type { Timers } from '../platform/timers.ts';

/** Options of one call. */
export interface CallOptions {
  /** Deadline of the answer in milliseconds. Reconnects and sleep of the machine count. Default: 10,000. */
  readonly timeoutMs?: number;
  /** Rejects the call when aborted. The server may still run it. */
  readonly signal?: AbortSignal;
  /**
   * 1 to 128 printable ASCII characters, new for each operation: `crypto.randomUUID()`. With it the SDK repeats the call when
   * its answer was lost or the server asks for a retry, and the server runs it once. The api needs an idempotency store.
   */
  readonly idempotencyKey?: string;
  /** Waits while the session reconnects, instead of rejecting. Default: false. */
  readonly queue?: boolean;
}

/** A call without an answer. */
export interface PendingCall {
  readonly api: string;
  readonly name: string;
  readonly params: unknown;
  readonly key: string | undefined;
  readonly mayQueue: boolean;
  /** The session of the call. It is never sent in another one. */
  readonly sid: string;
  /** Milliseconds, by the clock of `timers`. */
  readonly deadline: number;
  /** True between its emit and its acknowledgement. */
  isSent: boolean;
  /** The connection whose server is about to stop and refused the call. */
  refusedBy: string | undefined;
  /** Set while the server asked to send the call later. */
  hold: object | undefined;
  /** Size of its message. 0 before the first send. */
  bytes: number;
  /** Rejects the call when its deadline has passed. Returns true if so. */
  expire(): boolean;
  resolve(data: unknown): void;
  reject(error: unknown): void;
}

export type CallRequest = Pick<PendingCall, 'api' | 'name' | 'params' | 'sid'>;

export interface PendingCallDeps {
  readonly timers: Timers;
  readonly pending: Set<PendingCall>;
  /** Called when a sent call has no answer at its deadline, or the server does not have that call. */
  readonly onUnanswered: (call: PendingCall) => void;
}

const defaultTimeoutMs = 10_000;
const maxTimeoutMs = 2_147_483_647;
/** Timers may not run while a machine sleeps, so the clock is read at least this often. */
const maxTimerMs = 30_000;

function timeoutOf({ timeoutMs = defaultTimeoutMs }: CallOptions): number {
  if (timeoutMs > 0 && timeoutMs <= maxTimeoutMs) return timeoutMs;
  throw new TypeError(`timeoutMs has to be above 0 and at most ${maxTimeoutMs}, not ${timeoutMs}`);
}

function deadlineExceeded(): Failure {
  return fail('unavailable', { message: 'The server did not answer before the deadline.' });
}

/** Adds a call to `pending` until it is answered, aborted or late. Returns the promise of its answer. */
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
