import type { Clock } from './clock.ts';
import { createListeners } from './listeners.ts';
import { createPoller } from './poller.ts';

/** Notices that this process did not run for a while: SIGSTOP, a frozen container, a suspended or starved machine. */
export type SuspensionDetector = ReturnType<typeof createSuspensionDetector>;

const checkIntervalMs = 250;
/** A beat that is older was not only late, in ms. */
const suspensionThresholdMs = 2_000;

/**
 * @example
 * const suspension = createSuspensionDetector(clock);
 * suspension.start();
 * suspension.onResume(() => log.warn({}, 'the process was suspended'));
 */
export function createSuspensionDetector(clock: Pick<Clock, 'monotonic' | 'after'>) {
  const listeners = createListeners<[]>();
  const poller = createPoller({ poll: tick, periodMs: checkIntervalMs, clock });
  let lastTickAt: number | undefined;
  let resumedAt = Number.NEGATIVE_INFINITY;

  /**
   * Reports that this process was suspended until now, as detected by other means. Its monotonic clock may have
   * stopped.
   */
  function markResumed(): void {
    const now = clock.monotonic();
    if (lastTickAt !== undefined) lastTickAt = now;
    resumedAt = now;
    listeners.emit();
  }

  /** To be called before anything that was read is acted upon: after a suspension no timer is sure to run first. */
  function check(): void {
    if (lastTickAt !== undefined && clock.monotonic() - lastTickAt > suspensionThresholdMs) markResumed();
  }

  function tick(): void {
    check();
    lastTickAt = clock.monotonic();
  }

  return Object.freeze({
    /** Begins to watch. Before, {@link SuspensionDetector.check} notices nothing. */
    start() {
      lastTickAt ??= clock.monotonic();
      poller.start();
    },
    stop() {
      void poller.stop();
      lastTickAt = undefined;
    },
    check,
    markResumed,
    /** End of the last suspension, in monotonic ms; `-Infinity`: there was none. */
    get resumedAt() {
      return resumedAt;
    },
    /** Calls `listener` at the end of each suspension. Returns the function that removes it. */
    onResume: listeners.add,
  });
}
