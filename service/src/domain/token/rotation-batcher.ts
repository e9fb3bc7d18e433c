import { fail, isTransientError, toFailure } from '@latchkey/contract';
import type { Clock } from '../../base/clock.ts';
import { isTimeout } from '../../base/error.ts';
import type { RefusedRotation, RotationResult, TokenPresentation } from './token.ts';

interface RotationBatcher {
  /**
   * Resolves after the commit of the batch that held the presentation.
   *
   * @throws unavailable the database could not be asked; never a verdict
   * @throws busy too many of this session are waiting
   * @throws overloaded too many are waiting
   */
  present(shown: TokenPresentation, isDisconnected: () => boolean): Promise<RotationResult>;
}

interface QueuedPresentation {
  readonly presentation: TokenPresentation;
  readonly isDisconnected: () => boolean;
  resolve(rotation: RotationResult): void;
  reject(error: Error): void;
}

interface RotationBatcherOptions {
  readonly clock: Clock;
  /** Lower bound of the database's time, in epoch ms; must not throw. */
  readonly earliest: () => number;
  readonly run: (batch: readonly TokenPresentation[]) => Promise<RotationResult[]>;
  /** Requests in one statement at most. */
  readonly size: number;
  /** Statements in flight at most. */
  readonly concurrency: number;
}

/** What a presentation becomes whose deadline passed before its statement left. */
const lateResult: RefusedRotation = { verdict: 'late', userId: null, tenantId: null, bound: false, generation: null };

const batchIntervalMs = 20;
const maxWaiting = 20_000;
/** A batch takes one request of a session. Without the limit a single client could occupy the queue for minutes. */
const maxPerSession = 100;

/**
 * Micro-batches: a lone request leaves at once; in a crowd a batch leaves 20 ms after the one before it, or as soon as
 * it is full and a lane is free. A statement costs ten times what a row in it costs, so small batches would eat the
 * machine. One request per session is in flight, the rest wait for their turn.
 */
export function createRotationBatcher({
  clock,
  earliest,
  run,
  size,
  concurrency,
}: RotationBatcherOptions): RotationBatcher {
  const queue: QueuedPresentation[] = [];
  const waitingBySession = new Map<string, QueuedPresentation[]>();
  let inFlight = 0;
  let waiting = 0;
  let scheduled = false;
  let leftAt = Number.NEGATIVE_INFINITY;
  let lastSize = 0;

  function enqueue(request: QueuedPresentation): void {
    const turn = waitingBySession.get(request.presentation.sid);
    if (turn !== undefined) {
      turn.push(request);
      return;
    }
    waitingBySession.set(request.presentation.sid, []);
    queue.push(request);
    schedule();
  }

  function schedule(): void {
    if (inFlight >= concurrency || queue.length === 0) return;
    if (queue.length >= size) {
      flush();
      return;
    }
    if (scheduled) return;
    scheduled = true;
    const wait = isBusy() ? leftAt + batchIntervalMs - clock.monotonic() : 0;
    if (wait <= 0) setImmediate(flush);
    else clock.after(wait, flush);
  }

  function isBusy(): boolean {
    return inFlight > 0 || lastSize > 1;
  }

  function flush(): void {
    scheduled = false;
    if (inFlight >= concurrency) return;
    const batch = queue.splice(0, size).filter(isStillNeeded);
    if (batch.length === 0) {
      schedule();
      return;
    }
    inFlight++;
    leftAt = clock.monotonic();
    lastSize = batch.length;
    void settle(batch).then((answers) => {
      // First, so that a caller that repeats its request after the answer finds the lane free.
      inFlight--;
      for (const [index, answer] of answers.entries()) finish(batch[index]!, answer);
      schedule();
    });
    schedule();
  }

  /** A socket that has closed gets no rotation: no client would store the token. A late presentation needs no statement. */
  function isStillNeeded(request: QueuedPresentation): boolean {
    if (request.isDisconnected())
      finish(request, () => request.reject(fail('unavailable', { detail: 'client has disconnected' })));
    else if (earliest() >= request.presentation.until) finish(request, () => request.resolve(lateResult));
    else return true;
    return false;
  }

  /** The answer for each request of the batch, in their order. */
  async function settle(batch: readonly QueuedPresentation[]): Promise<(() => void)[]> {
    try {
      const rotations = await runWithRetry(batch.map((request) => request.presentation));
      return batch.map((request, index) => () => request.resolve(rotations[index]!));
    } catch (error) {
      if (batch.length === 1 || isTransientError(error)) return rejections(batch, error);
      return (await Promise.all(batch.map((request) => settle([request])))).flat();
    }
  }

  /** Keys make the statement repeatable, so a lost connection or a deadlock is worth a second try. */
  async function runWithRetry(batch: readonly TokenPresentation[]): Promise<RotationResult[]> {
    try {
      return await run(batch);
    } catch (error) {
      if (!isTransientError(error) || isTimeout(error)) throw error;
      return run(batch);
    }
  }

  function rejections(batch: readonly QueuedPresentation[], error: unknown): (() => void)[] {
    const failure = toFailure(error);
    return batch.map((request) => () => request.reject(failure));
  }

  function finish(request: QueuedPresentation, answer: () => void): void {
    waiting--;
    const turn = waitingBySession.get(request.presentation.sid)!;
    const next = turn.shift();
    if (next === undefined) waitingBySession.delete(request.presentation.sid);
    else queue.push(next);
    answer();
    if (next !== undefined) schedule();
  }

  return Object.freeze({
    present(presentation: TokenPresentation, isDisconnected: () => boolean) {
      const turn = waitingBySession.get(presentation.sid);
      if (turn !== undefined && turn.length >= maxPerSession)
        return Promise.reject(fail('busy', { retryAfterMs: 100 }));
      if (waiting >= maxWaiting) return Promise.reject(fail('overloaded', { retryAfterMs: 1_000 }));
      waiting++;
      return new Promise<RotationResult>((resolve, reject) =>
        enqueue({ presentation, isDisconnected, resolve, reject }),
      );
    },
  });
}
