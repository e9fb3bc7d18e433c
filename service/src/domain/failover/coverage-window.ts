import type { Clock } from '@latchkey/core/internal';

/**
 * For how long a node has followed the revocation list without a gap, by the clock of the database server.
 *
 * @param maxMs how long an end is remembered
 */
export function createCoverageWindow({ clock, maxMs }: { clock: Pick<Clock, 'monotonic'>; maxMs: number }) {
  let untilMs: number | undefined;
  let lengthMs = 0;
  let readAt = 0;
  return Object.freeze({
    /** The list was read to its head at this time of the server. */
    extend(timeMs: number) {
      const now = clock.monotonic();
      if (untilMs !== undefined) lengthMs = Math.min(maxMs, lengthMs + now - readAt);
      untilMs = timeMs;
      readAt = now;
    },
    /** Moves the window to the clock of another server. Time without a database does not count. */
    rebase(timeMs: number) {
      if (untilMs !== undefined) untilMs = timeMs;
      readAt = clock.monotonic();
    },
    /** Every end from … to is known. `-Infinity` at both ends before the first read. */
    range() {
      if (untilMs === undefined) return { fromMs: Number.NEGATIVE_INFINITY, untilMs: Number.NEGATIVE_INFINITY };
      return { fromMs: untilMs - lengthMs, untilMs };
    },
  });
}
