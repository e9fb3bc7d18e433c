import type { Timers } from '../../src/platform/timers.ts';

/** Timers that run when the test says so. */
interface FakeTimers extends Timers {
  /** Moves time on, and runs what falls due, in order. */
  advance(ms: number): void;
  /** Moves time on without running anything, as a sleeping machine does. */
  sleep(ms: number): void;
  readonly pending: number;
}

export function createFakeTimers(): FakeTimers {
  let now = 0;
  const timers = new Set<{ at: number; run: () => void }>();
  const next = (until: number) => [...timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
  return {
    now: () => now,
    after(ms, run) {
      const timer = { at: now + Math.max(0, ms), run };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    advance(ms) {
      const until = now + ms;
      for (let due = next(until); due !== undefined; due = next(until)) {
        timers.delete(due);
        now = Math.max(now, due.at);
        due.run();
      }
      now = until;
    },
    sleep(ms) {
      now += ms;
    },
    get pending() {
      return timers.size;
    },
  };
}
