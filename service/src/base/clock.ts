/** The only place of the service that reads time or sets timers. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Milliseconds since some fixed moment; never jumps. */
  monotonic(): number;
  /** Calls `task` once after `ms` milliseconds; returns the function that cancels it. Does not hold the process. */
  after(ms: number, task: () => void): () => void;
}

export function createSystemClock(): Clock {
  return Object.freeze({
    now: () => Date.now(),
    monotonic: () => performance.now(),
    after(ms: number, task: () => void) {
      const timer = setTimeout(task, ms);
      timer.unref();
      return () => clearTimeout(timer);
    },
  });
}

/** Resolves after `ms` milliseconds of the given clock. */
export function delay(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => clock.after(ms, resolve));
}
