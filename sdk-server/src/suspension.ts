import type { Clock } from './clock.ts';

/** Notices that this process did not run for a while: SIGSTOP, a frozen container, a suspended or starved machine. */
export interface SuspensionWatch {
  /** Begins to watch. Before, {@link SuspensionWatch.look} notices nothing. */
  start(): void;
  stop(): void;
  /** To be called before anything that was read is acted upon: after a suspension no timer is sure to run first. */
  look(): void;
  /** This process was suspended until now, as something else has shown: its monotonic clock may have stood still. */
  resume(): void;
  /** End of the last suspension, in monotonic ms; `-Infinity`: there was none. */
  readonly resumedAt: number;
  /** Calls `listener` at the end of each suspension. Returns the function that removes it. */
  onResume(listener: () => void): () => void;
}

const beatMs = 250;
/** A beat that is older was not only late, in ms. */
const suspendedMs = 2_000;

/**
 * @example
 * const suspension = createSuspensionWatch(clock);
 * suspension.start();
 * suspension.onResume(() => log.warn({}, 'the process was suspended'));
 */
export function createSuspensionWatch(clock: Pick<Clock, 'monotonic' | 'after'>): SuspensionWatch {
  const listeners = new Set<() => void>();
  let beat: number | undefined;
  let resumedAt = Number.NEGATIVE_INFINITY;
  let cancel = () => {};

  function resume(): void {
    const now = clock.monotonic();
    if (beat !== undefined) beat = now;
    resumedAt = now;
    for (const listener of listeners) listener();
  }

  function look(): void {
    if (beat !== undefined && clock.monotonic() - beat > suspendedMs) resume();
  }

  function tick(): void {
    look();
    beat = clock.monotonic();
    cancel = clock.after(beatMs, tick);
  }

  return Object.freeze<SuspensionWatch>({
    start() {
      if (beat === undefined) tick();
    },
    stop() {
      cancel();
      beat = undefined;
    },
    look,
    resume,
    get resumedAt() {
      return resumedAt;
    },
    onResume(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  });
}
