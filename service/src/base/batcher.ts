import { fail, isTransientError, toFailure } from '@latchkey/contract';
import type { Clock } from '@latchkey/core/internal';

interface BatcherOptions<Item, Result> {
  readonly clock: Pick<Clock, 'monotonic' | 'after'>;
  /** Items with the same key are never in flight together. The others wait for their turn. */
  readonly keyOf: (item: Item) => string;
  /** Carries out a batch. Resolves to the results in the order of the items. */
  readonly run: (items: readonly Item[]) => Promise<readonly Result[]>;
  /** Called when the batch of the item leaves. Returns the result of an item that needs no run, or throws its error. */
  readonly resultWithoutRun?: (item: Item) => Result | undefined;
  /** Items in one batch at most. */
  readonly size: number;
  /** Batches in flight at most. */
  readonly concurrency: number;
  /** Time between two batches under load, in milliseconds. Default: 0. */
  readonly intervalMs?: number;
  /** Items of one key that wait at most, so that one client cannot occupy the queue. Default: no limit. */
  readonly maxPerKey?: number;
  /** Called after each batch. Default: nothing. */
  readonly onBatch?: BatchObserver | undefined;
}

/** Takes the number of items of a batch that was carried out, or failed, and how long it took. */
export type BatchObserver = (size: number, tookMs: number) => void;

interface Queued<Item, Result> {
  readonly item: Item;
  readonly key: string;
  resolve(result: Result): void;
  reject(error: unknown): void;
}

const maxWaiting = 20_000;

/**
 * Carries out items in batches. A lone item leaves at once. Under load a batch leaves `intervalMs` after the one before
 * it, or as soon as it is full and fewer than `concurrency` are in flight.
 *
 * The returned function resolves to the result of the item. It rejects with `busy` or `overloaded` when too many wait, of
 * its key or at all, and else with the {@link toFailure} of what `run` rejected with.
 *
 * @example
 * const insert = createBatcher({ clock, keyOf: ({ id }) => id, run: (rows) => insertAll(db, rows), size: 64, concurrency: 1 });
 * const row = await insert({ id: 'a' });
 */
export function createBatcher<Item, Result>(options: BatcherOptions<Item, Result>): (item: Item) => Promise<Result> {
  type Request = Queued<Item, Result>;
  const { clock, keyOf, run, resultWithoutRun = () => undefined, size, concurrency } = options;
  const { intervalMs = 0, maxPerKey = Number.POSITIVE_INFINITY, onBatch = () => {} } = options;
  const queue: Request[] = [];
  const waitingByKey = new Map<string, Request[]>();
  let inFlight = 0;
  let waiting = 0;
  let isScheduled = false;
  let leftAt = Number.NEGATIVE_INFINITY;
  let lastSize = 0;

  function enqueue(request: Request): void {
    const turn = waitingByKey.get(request.key);
    if (turn !== undefined) {
      turn.push(request);
      return;
    }
    waitingByKey.set(request.key, []);
    queue.push(request);
    schedule();
  }

  function schedule(): void {
    if (inFlight >= concurrency || queue.length === 0) return;
    if (queue.length >= size) {
      flush();
      return;
    }
    if (isScheduled) return;
    isScheduled = true;
    const isBusy = inFlight > 0 || lastSize > 1;
    const wait = isBusy ? leftAt + intervalMs - clock.monotonic() : 0;
    if (wait <= 0) setImmediate(flush);
    else clock.after(wait, flush);
  }

  function flush(): void {
    isScheduled = false;
    if (inFlight >= concurrency) return;
    const batch = queue.splice(0, size).filter(needsRun);
    if (batch.length === 0) {
      schedule();
      return;
    }
    inFlight++;
    const began = clock.monotonic();
    leftAt = began;
    lastSize = batch.length;
    void settle(batch).then((answers) => {
      onBatch(batch.length, clock.monotonic() - began);
      // First, so that a caller that repeats its item after the answer does not wait for this batch.
      inFlight--;
      for (const [index, answer] of answers.entries()) finish(batch[index]!, answer);
      schedule();
    });
    schedule();
  }

  function needsRun(request: Request): boolean {
    const answer = answerWithoutRun(request);
    if (answer !== undefined) finish(request, answer);
    return answer === undefined;
  }

  function answerWithoutRun({ item, resolve, reject }: Request): (() => void) | undefined {
    try {
      const result = resultWithoutRun(item);
      return result === undefined ? undefined : () => resolve(result);
    } catch (error) {
      return () => reject(error);
    }
  }

  /** The answer for each request of the batch, in their order. */
  async function settle(batch: readonly Request[]): Promise<(() => void)[]> {
    try {
      const results = await run(batch.map(({ item }) => item));
      return batch.map(
        ({ resolve }, index) =>
          () =>
            resolve(results[index]!),
      );
    } catch (error) {
      // One item that no run can carry out must not fail the others.
      if (batch.length > 1 && !isTransientError(error))
        return (await Promise.all(batch.map((request) => settle([request])))).flat();
      const failure = toFailure(error);
      return batch.map(
        ({ reject }) =>
          () =>
            reject(failure),
      );
    }
  }

  function finish({ key }: Request, answer: () => void): void {
    waiting--;
    const next = waitingByKey.get(key)!.shift();
    if (next === undefined) waitingByKey.delete(key);
    else queue.push(next);
    answer();
    if (next !== undefined) schedule();
  }

  return async (item) => {
    const key = keyOf(item);
    if ((waitingByKey.get(key)?.length ?? 0) >= maxPerKey) throw fail('busy', { retryAfterMs: 100 });
    if (waiting >= maxWaiting) throw fail('overloaded', { retryAfterMs: 1_000 });
    waiting++;
    return new Promise((resolve, reject) => enqueue({ item, key, resolve, reject }));
  };
}
