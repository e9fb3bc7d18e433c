import { setTimeout as sleep } from 'node:timers/promises';

/** How much a load did, and how long that took. */
export interface LoadResult {
  readonly operations: number;
  readonly ms: number;
}

/** Calls an asynchronous function for about `ms`, one call at a time. */
export async function callInTurn(ms: number, call: (index: number) => Promise<unknown>): Promise<LoadResult> {
  const from = performance.now();
  let operations = 0;
  for (let passed = 0; passed < ms; passed = performance.now() - from) {
    for (const until = operations + 20; operations < until; operations++) await call(operations);
  }
  return { operations, ms: performance.now() - from };
}

/** Calls a function for each item, with at most `concurrency` calls in flight. */
export async function callForAll<T>(
  items: readonly T[],
  concurrency: number,
  call: (item: T) => Promise<unknown>,
): Promise<LoadResult> {
  const queue = items.values();
  const from = performance.now();
  const worker = async () => {
    for (const item of queue) await call(item);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return { operations: items.length, ms: performance.now() - from };
}

interface BatchOptions {
  readonly size: number;
  /** Batches in flight. */
  readonly concurrency: number;
}

/** Calls a function for each batch of items. Each item counts as an operation. */
export async function callForBatches<T>(
  items: readonly T[],
  { size, concurrency }: BatchOptions,
  call: (batch: readonly T[]) => Promise<unknown>,
): Promise<LoadResult> {
  const batches = Array.from({ length: Math.ceil(items.length / size) }, (_, index) =>
    items.slice(index * size, (index + 1) * size),
  );
  const { ms } = await callForAll(batches, concurrency, call);
  return { operations: items.length, ms };
}

/**
 * Starts `work` for each item when it is due, also while earlier items run. Returns the milliseconds of each item, from its due
 * time to its end, so a late start counts as latency.
 */
export async function callAtRate<T>(
  items: readonly T[],
  perSecond: number,
  work: (item: T) => Promise<unknown>,
): Promise<number[]> {
  const from = performance.now();
  const running: Promise<number>[] = [];
  for (const [index, item] of items.entries()) {
    const dueAt = from + (index * 1_000) / perSecond;
    while (performance.now() < dueAt) await sleep(1);
    const elapsed = work(item).then(() => performance.now() - dueAt);
    // Promise.all reports the rejection below. Until then an unhandled one would end the process.
    elapsed.catch(() => {});
    running.push(elapsed);
  }
  return Promise.all(running);
}
