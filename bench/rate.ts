import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Starts `work` for each item when it is due, also while earlier items run. Returns the milliseconds of each item, from its due
 * time to its end, so a late start counts as latency.
 */
export async function atRate<T>(
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
