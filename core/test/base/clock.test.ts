import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'chai';
import { createSystemClock } from '../../src/base/clock.ts';

describe('createSystemClock', () => {
  const clock = createSystemClock();

  it('runs a task once after its delay, and never when it was cancelled', async () => {
    const ran: string[] = [];
    const start = clock.monotonic();
    clock.after(10, () => ran.push('kept'));
    clock.after(10, () => ran.push('cancelled'))();
    await wait(40);
    expect(ran).to.deep.equal(['kept']);
    expect(clock.monotonic() - start).to.be.within(30, 2_000);
    expect(Math.abs(clock.now() - Date.now())).to.be.lessThan(1_000);
  });

  it('does not run a task early when its delay is longer than the longest timer of Node', async () => {
    let ran = false;
    const cancel = clock.after(2 ** 40, () => {
      ran = true;
    });
    await wait(20);
    cancel();
    expect(ran).to.equal(false);
  });
});
