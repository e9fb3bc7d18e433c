import type { Clock } from '@latchkey/core/internal';

const periodMs = 50;

/** Resolves after this time. It keeps the process running, because between two connections nothing else does. */
export function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.after(ms, resolve, { holdsProcess: true }));
}

/** Checks a condition until it is true, or the time is over. Returns whether it was true. */
export async function waitUntil(
  clock: Clock,
  condition: () => boolean | Promise<boolean>,
  withinMs: number,
): Promise<boolean> {
  for (const end = clock.monotonic() + withinMs; clock.monotonic() < end; await pause(clock, periodMs))
    if (await condition()) return true;
  return false;
}
