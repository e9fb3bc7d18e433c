/** Time as the SDK needs it: elapsed milliseconds and one-shot timers. */
export interface Timers {
  /** Milliseconds since some fixed moment; never runs backwards, counts the time that the machine slept. */
  now(): number;
  /** Calls `run` once, in `ms` milliseconds or later. Returns the function that cancels it. */
  after(ms: number, run: () => void): () => void;
}

const maxTimeoutMs = 2_147_483_647;
const minSleepMs = 2_000;

/**
 * The platform's timers. `performance.now()` stands still while some machines sleep: when the wall clock has moved
 * on by more, the difference is added. A wall clock that is set forward looks like sleep, which only makes a refresh
 * come early; one that is set back changes nothing.
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

/** The machine's own idea of the time, in epoch milliseconds. It may be hours off. */
export function wallTime(): number {
  return Date.now();
}
