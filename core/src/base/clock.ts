/**
 * Time as a dependency: no other file of this package reads a clock or sets a timer.
 *
 * - `now()` epoch milliseconds, only for display and for peers
 * - `monotonic()` milliseconds since an arbitrary start, never set back; used for every deadline
 * - `after(ms, fn)` runs `fn` once, not before `ms`; returns the function that cancels it. It keeps no process running,
 * unless requested
 */
export interface Clock {
  now(): number;
  monotonic(): number;
  after(ms: number, fn: () => void, options?: { readonly holdsProcess?: boolean }): () => void;
}

/** Above this setTimeout fires at once. A longer wait ends early, and its caller checks the time again. */
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
