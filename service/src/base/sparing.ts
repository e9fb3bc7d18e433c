import type { Clock } from './clock.ts';
import { singleFlight } from './single-flight.ts';

/**
 * Reads no more often than it can afford: concurrent callers share one reading, and what was read is told again until
 * `share` times as long as reading it took has gone by. A failure is told to those who wait for it, and not kept.
 *
 * @example
 * const numbers = sparing(clock, 20, () => readNumbers(db));
 */
export function sparing<T>(clock: Pick<Clock, 'monotonic'>, share: number, read: () => Promise<T>): () => Promise<T> {
  let last: { readonly value: T; readonly until: number } | undefined;
  const readAnew = singleFlight(async () => {
    const began = clock.monotonic();
    const value = await read();
    const ended = clock.monotonic();
    last = { value, until: ended + (ended - began) * share };
    return value;
  });
  return async () => (last !== undefined && clock.monotonic() < last.until ? last.value : readAnew());
}
