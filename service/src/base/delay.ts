import type { Clock } from '@latchkey/core/internal';

/** Resolves after `ms` milliseconds of the given clock. */
export function delay(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.after(ms, resolve));
}
