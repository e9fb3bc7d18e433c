/**
 * Time as a dependency: nothing else in this package reads a clock or sets a timer.
 *
 * - `now()` epoch milliseconds, only ever told to people and peers
 * - `monotonic()` milliseconds since some start, never set back; every deadline counts with it
 * - `after(ms, fn)` runs `fn` once, not before `ms`; returns the function that cancels it. It holds no process alive,
 *   unless it is told to
 */
export interface Clock {
  now(): number;
  monotonic(): number;
  after(ms: number, fn: () => void, options?: { readonly holdsProcess?: boolean }): () => void;
}

/** Above this setTimeout fires at once; a wait that long ends early instead, and whoever waits looks again. */
const maxTimerMs = 2 ** 31 - 1;

/**
 * The clock of the machine.
 *
 * @example
 * const protocol = mountBrowserProtocol(io, { authority, clock: createSystemClock() });
 */
export function createSystemClock(): Clock {
  return Object.freeze({
    now: () => Date.now(),
    monotonic: () => performance.now(),
    after(ms: number, fn: () => void, { holdsProcess = false } = {}) {
      const timer = setTimeout(fn, Math.min(ms, maxTimerMs));
      if (!holdsProcess) timer.unref();
      return () => clearTimeout(timer);
    },
  });
}
