import { expect } from 'chai';
import { createTestClock } from '../../src/testing/test-clock.ts';

describe('createTestClock', () => {
  it('runs timers that are due by the new time, in their order and once', () => {
    const clock = createTestClock();
    const began = clock.monotonic();
    const ran: [string, boolean][] = [];
    const note = (name: string, ms: number) => () => ran.push([name, clock.monotonic() - began >= ms]);
    clock.after(2_000, note('second', 2_000));
    clock.after(1_000, note('first', 1_000));
    clock.after(60_000, note('later', 60_000));
    const cancel = clock.after(1_500, note('cancelled', 1_500));
    cancel();
    clock.advance(3_000);
    clock.advance(3_000);
    expect(ran).to.deep.equal([
      ['first', true],
      ['second', true],
    ]);
    expect(clock.monotonic() - began).to.be.within(6_000, 7_000);
  });

  it('runs a timer when its time has passed without a change', async () => {
    const clock = createTestClock();
    await new Promise<void>((resolve) => void clock.after(5, resolve, { holdsProcess: true }));
  });
});
