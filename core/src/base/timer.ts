import type { Clock } from './clock.ts';

/** Runs one task, later. At most one run is pending. */
export type Timer = ReturnType<typeof createTimer>;

/**
 * @example
 * const retry = createTimer(clock, () => connect());
 * retry.reset(1_000);
 */
export function createTimer(clock: Pick<Clock, 'after'>, task: () => void, options?: Parameters<Clock['after']>[2]) {
  let cancelPending: (() => void) | undefined;

  function cancel(): void {
    cancelPending?.();
    cancelPending = undefined;
  }

  /** Runs the task in `ms` milliseconds, unless a run is pending. */
  function set(ms: number): void {
    cancelPending ??= clock.after(
      ms,
      () => {
        cancelPending = undefined;
        task();
      },
      options,
    );
  }

  return Object.freeze({
    /** True while a run is pending. */
    get isSet() {
      return cancelPending !== undefined;
    },
    set,
    /** Runs the task in `ms` milliseconds, instead of the run that is pending. */
    reset(ms: number) {
      cancel();
      set(ms);
    },
    cancel,
  });
}
