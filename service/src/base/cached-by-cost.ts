import { type Clock, singleFlight } from '@latchkey/core/internal';

/**
 * Caches a read for `costFactor` times the time that it took. Concurrent callers share one read. Errors are not cached.
 *
 * @example
 * const totals = cachedByCost(clock, 20, () => readLiveTotals(db));
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
