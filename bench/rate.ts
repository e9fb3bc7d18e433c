import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Starts `work` for each item when it is due, whether those before are done or not. Returns the milliseconds that each
 * took, counted from when it was due: a start that is late counts as waiting.
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
    const taken = work(item).then(() => performance.now() - dueAt);
    // Told by the whole; a rejection nobody waits for yet would end the process.
    taken.catch(() => {});
    running.push(taken);
  }
  return Promise.all(running);
}
