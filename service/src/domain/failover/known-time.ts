import type { Clock } from '../../base/clock.ts';

/** For how long a node has followed the revocation list without a gap, by the clock of the database server. */
interface KnownTime {
  /** The list was read to its head at this time of the server. */
  read(timeMs: number): void;
  /** The same knowledge, on a server with another clock. Time without a database does not count. */
  enter(timeMs: number): void;
  /** Every end from … to is known. `-Infinity` at both ends before the first read. */
  range(): { readonly fromMs: number; readonly untilMs: number };
}

/** @param mostMs how long an end is remembered */
export function createKnownTime({ clock, mostMs }: { clock: Pick<Clock, 'monotonic'>; mostMs: number }): KnownTime {
  let untilMs: number | undefined;
  let lengthMs = 0;
  let readAt = 0;
  return Object.freeze<KnownTime>({
    read(timeMs) {
      const now = clock.monotonic();
      if (untilMs !== undefined) lengthMs = Math.min(mostMs, lengthMs + now - readAt);
      untilMs = timeMs;
      readAt = now;
    },
    enter(timeMs) {
      if (untilMs !== undefined) untilMs = timeMs;
      readAt = clock.monotonic();
    },
    range() {
      if (untilMs === undefined) return { fromMs: Number.NEGATIVE_INFINITY, untilMs: Number.NEGATIVE_INFINITY };
      return { fromMs: untilMs - lengthMs, untilMs };
    },
  });
}
