import { createFakeClock } from '../../../test-kit/fake-clock.ts';
import type { Timers } from '../../src/platform/timers.ts';

/** Timers on a fake clock that begins at 0. */
interface FakeTimers extends Timers {
  /** Moves time on, and runs what falls due, in order. */
  advance(ms: number): void;
  /** Moves time on without running anything, as a sleeping machine does. */
  sleep(ms: number): void;
  readonly pending: number;
}

export function createFakeTimers(): FakeTimers {
  const { monotonic, after, advance, sleep, timers } = createFakeClock();
  const start = monotonic();
  return {
    now: () => monotonic() - start,
    after,
    advance,
    sleep,
    get pending() {
      return timers();
    },
  };
}
