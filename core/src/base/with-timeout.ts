import type { Clock } from './clock.ts';

/**
 * Settles as the work does, or after `ms` milliseconds with what `onTimeout` returns or throws. The work continues then, and
 * its result is ignored.
 *
 * @example
 * const rows = await withTimeout(clock, 1_000, read(), () => []);
 */
export async function withTimeout<T, Late>(
  clock: Pick<Clock, 'after'>,
  ms: number,
  work: Promise<T>,
  onTimeout: () => Late,
): Promise<T | Late> {
  let cancel = () => {};
  const timeout = new Promise<void>((resolve) => {
    cancel = clock.after(ms, resolve);
  });
  return Promise.race([work, timeout.then(onTimeout)]).finally(() => cancel());
}
