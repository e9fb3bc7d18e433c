import type { Clock } from './clock.ts';
import { singleFlight } from './single-flight.ts';

/**
 * Reads no more often than it can afford: concurrent callers share one reading, and what was read is told again until
 * `share` times as long as reading it took has gone by. A failure is told to those who wait for it, and not kept.
 *
 * @example
 * const numbers = sparing(clock, 20, () => readLiveTotals(db));
 */
export function cachedByCost<T>(
  clock: Pick<Clock, 'monotonic'>,
  costFactor: number,
  read: () => Promise<T>,
): () => Promise<T> {
  let last: { readonly value: T; readonly until: number } | undefined;
  const refresh = singleFlight(async () => {
    const began = clock.monotonic();
    const value = await read();
    const ended = clock.monotonic();
    last = { value, until: ended + (ended - began) * costFactor };
    return value;
  });
  return async () => (last !== undefined && clock.monotonic() < last.until ? last.value : refresh());
}
