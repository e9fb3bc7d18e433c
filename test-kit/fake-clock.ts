import type { Clock } from '@latchkey/core/internal';

export interface FakeClock extends Clock {
  /** Moves time on, and runs what falls due on the way, in order. */
  advance(ms: number): void;
  /** Moves time on without running anything, as a stopped process does; the next advance runs it late. */
  sleep(ms: number): void;
  timers(): number;
}

export function createFakeClock(): FakeClock {
  const timers = new Set<{ at: number; fn: () => void }>();
  let time = 1_000;

  function next(until: number) {
    const due = [...timers].filter(({ at }) => at <= until);
    return due.sort((a, b) => a.at - b.at)[0];
  }

  return {
    now: () => 1_700_000_000_000 + time,
    monotonic: () => time,
    after(ms, fn) {
      const timer = { at: time + ms, fn };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance(ms) {
      const until = time + ms;
      for (let timer = next(until); timer; timer = next(until)) {
        timers.delete(timer);
        time = Math.max(time, timer.at);
        timer.fn();
      }
      time = until;
    },
    sleep(ms) {
      time += ms;
    },
    timers: () => timers.size,
  };
}
