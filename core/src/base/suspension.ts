import type { Clock } from './clock.ts';
import { createListeners } from './listeners.ts';
import { createPoller } from './poller.ts';

/** Notices that this process did not run for a while: SIGSTOP, a frozen container, a suspended or starved machine. */
export interface SuspensionDetector {
  /** Begins to watch. Before, {@link SuspensionDetector.check} notices nothing. */
  start(): void;
  stop(): void;
  /** To be called before anything that was read is acted upon: after a suspension no timer is sure to run first. */
  check(): void;
  /**
   * Reports that this process was suspended until now, as detected by other means. Its monotonic clock may have
   * stopped.
   */
  markResumed(): void;
  /** End of the last suspension, in monotonic ms; `-Infinity`: there was none. */
  readonly resumedAt: number;
  /** Calls `listener` at the end of each suspension. Returns the function that removes it. */
  onResume(listener: () => void): () => void;
}

const checkIntervalMs = 250;
/** A beat that is older was not only late, in ms. */
const suspensionThresholdMs = 2_000;

/**
 * @example
 * const suspension = createSuspensionDetector(clock);
 * suspension.start();
 * suspension.onResume(() => log.warn({}, 'the process was suspended'));
 */
export function createSuspensionDetector(clock: Pick<Clock, 'monotonic' | 'after'>): SuspensionDetector {
  const listeners = createListeners<[]>();
  const poller = createPoller({ poll: tick, periodMs: checkIntervalMs, clock });
  let lastTickAt: number | undefined;
  let resumedAt = Number.NEGATIVE_INFINITY;

  function markResumed(): void {
    const now = clock.monotonic();
    if (lastTickAt !== undefined) lastTickAt = now;
    resumedAt = now;
    listeners.emit();
  }

  function check(): void {
    if (lastTickAt !== undefined && clock.monotonic() - lastTickAt > suspensionThresholdMs) markResumed();
  }

  function tick(): void {
    check();
    lastTickAt = clock.monotonic();
  }

  return Object.freeze<SuspensionDetector>({
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
    get resumedAt() {
      return resumedAt;
    },
    onResume: listeners.add,
  });
}
