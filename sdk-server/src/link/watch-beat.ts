import type { Clock } from '../clock.ts';

/** A watch that is later than this was not only late: the process was suspended. */
const suspendedMs = 2_000;

/** The beat of a periodic watch, by which a suspension of this process is noticed. */
export interface WatchBeat {
  /** The watch runs now. */
  beat(): void;
  /** How long the watch has been overdue, in ms, when this process was suspended until now; else `undefined`. */
  suspendedMs(): number | undefined;
}

/** @param everyMs how often the watch runs */
export function createWatchBeat(clock: Pick<Clock, 'monotonic'>, everyMs: number): WatchBeat {
  let beatAt = clock.monotonic();
  return Object.freeze<WatchBeat>({
    beat() {
      beatAt = clock.monotonic();
    },
    suspendedMs() {
      const lateMs = clock.monotonic() - beatAt - everyMs;
      return lateMs > suspendedMs ? Math.round(lateMs) : undefined;
    },
  });
}
