/** A monotonic clock and one-shot timers. */
export interface Timers {
  /** Milliseconds since a fixed time. Never decreases. Time in which the machine slept counts. */
  now(): number;
  /** Calls `run` once, after `ms` milliseconds or later. Returns the function that cancels it. */
  after(ms: number, run: () => void): () => void;
}

const maxTimeoutMs = 2_147_483_647;
const minSleepMs = 2_000;

/**
 * Creates timers of the platform. `performance.now()` stops while some machines sleep, so the difference to the wall clock is
 * added. A wall clock that is set forward counts as sleep, which only causes an early refresh. A wall clock that is set back has
 * no effect.
 */
export function createTimers(): Timers {
  let slept = 0;
  let wallOffset = Date.now() - performance.now();
  return Object.freeze({
    now() {
      const elapsed = performance.now() + slept;
      const ahead = Date.now() - wallOffset - elapsed;
      if (ahead < -minSleepMs) wallOffset += ahead;
      if (ahead <= minSleepMs) return elapsed;
      slept += ahead;
      return elapsed + ahead;
    },
    after(ms: number, run: () => void) {
      const timer = setTimeout(run, Math.min(Math.max(0, ms), maxTimeoutMs));
      return () => clearTimeout(timer);
    },
  });
}

/** Returns the local time in epoch milliseconds. It may be hours off. */
export function wallTime(): number {
  return Date.now();
}
