import { type Clock, createSystemClock } from '@latchkey/core/internal';

/** The clock of the machine, which a test can set forward. */
export interface TestClock extends Clock {
  /** Sets the clock forward by milliseconds, and runs in their order the timers that are due by then. */
  advance(ms: number): void;
}

interface Timer {
  readonly at: number;
  run(): void;
}

export function createTestClock(): TestClock {
  const system = createSystemClock();
  const timers = new Set<Timer>();
  let aheadMs = 0;
  const monotonic = () => system.monotonic() + aheadMs;
  const advanceTo = (time: number) => {
    aheadMs += Math.max(0, time - monotonic());
  };

  return Object.freeze<TestClock>({
    now: () => system.now() + aheadMs,
    monotonic,
    after(ms, fn, options) {
      const timer: Timer = {
        at: monotonic() + ms,
        run() {
          cancel();
          fn();
        },
      };
      const cancelSystem = system.after(ms, timer.run, options);
      const cancel = () => {
        timers.delete(timer);
        cancelSystem();
      };
      timers.add(timer);
      return cancel;
    },
    advance(ms) {
      const until = monotonic() + ms;
      for (let next = firstDue(timers, until); next !== undefined; next = firstDue(timers, until)) {
        advanceTo(next.at);
        next.run();
      }
      advanceTo(until);
    },
  });
}

function firstDue(timers: ReadonlySet<Timer>, until: number): Timer | undefined {
  return [...timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
}
