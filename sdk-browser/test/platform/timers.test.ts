import { expect } from 'chai';
import sinon from 'sinon';
import { createTimers } from '../../src/platform/timers.ts';

describe('createTimers', () => {
  afterEach(() => sinon.restore());

  function setUp() {
    const clock = { wall: 1_000_000, elapsed: 500 };
    sinon.stub(Date, 'now').callsFake(() => clock.wall);
    sinon.stub(performance, 'now').callsFake(() => clock.elapsed);
    const timers = createTimers();
    const start = timers.now();
    return { clock, passed: () => timers.now() - start };
  }

  it('counts what the monotonic clock counts', () => {
    const { clock, passed } = setUp();
    clock.elapsed += 750;
    clock.wall += 750;
    expect(passed()).to.equal(750);
  });
  it('adds the time that the machine slept, once', () => {
    const { clock, passed } = setUp();
    clock.wall += 3_600_000;
    expect(passed()).to.equal(3_600_000);
    clock.elapsed += 100;
    clock.wall += 100;
    expect(passed()).to.equal(3_600_100);
  });
  it('never runs backwards when the wall clock is set back, and still notices a later sleep', () => {
    const { clock, passed } = setUp();
    clock.wall -= 86_400_000;
    clock.elapsed += 10;
    expect(passed()).to.equal(10);
    clock.wall += 60_000;
    expect(passed()).to.be.within(59_000, 61_000);
  });
  it('runs once, unless it is cancelled', async () => {
    const timers = createTimers();
    const ran: string[] = [];
    timers.after(1, () => ran.push('a'));
    timers.after(1, () => ran.push('b'))();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(ran).to.deep.equal(['a']);
  });
});
