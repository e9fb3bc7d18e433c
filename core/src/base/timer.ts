import type { Clock } from './clock.ts';

/** Runs one task, later. At most one run is pending. */
export interface Timer {
  /** True while a run is pending. */
  readonly isSet: boolean;
  /** Runs the task in `ms` milliseconds, unless a run is pending. */
  set(ms: number): void;
  /** Runs the task in `ms` milliseconds, instead of the run that is pending. */
  reset(ms: number): void;
  cancel(): void;
}

/**
 * @example
 * const retry = createTimer(clock, () => connect());
 * retry.reset(1_000);
 */
export function createTimer(
  clock: Pick<Clock, 'after'>,
  task: () => void,
  options?: Parameters<Clock['after']>[2],
): Timer {
  let cancelPending: (() => void) | undefined;

  function cancel(): void {
    cancelPending?.();
    cancelPending = undefined;
  }

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

  return Object.freeze<Timer>({
    get isSet() {
      return cancelPending !== undefined;
    },
    set,
    reset(ms) {
      cancel();
      set(ms);
    },
    cancel,
  });
}
