import { setImmediate as soon } from 'node:timers/promises';
import { expect } from 'chai';
import { createFakeClock } from '../../../test-kit/fake-clock.ts';
import { createPoller } from '../../src/base/poller.ts';

describe('createPoller', () => {
  it('runs once a period, from one period after the start until it is stopped', () => {
    const clock = createFakeClock();
    let runs = 0;
    const poll = () => {
      runs += 1;
    };
    const poller = createPoller({ poll, periodMs: 100, clock });
    poller.start();
    poller.start();
    clock.advance(99);
    expect(runs).to.equal(0);
    clock.advance(901);
    expect(runs).to.equal(10);
    void poller.stop();
    clock.advance(1_000);
    expect(runs).to.equal(10);
    expect(clock.timers()).to.equal(0);
    poller.start();
    clock.advance(100);
    expect(runs).to.equal(11);
  });

  it('waits for the end of a run, and reports its duration', async () => {
    const clock = createFakeClock();
    const took: number[] = [];
    let finish = () => {};
    let runs = 0;
    const poll = () => {
      runs += 1;
      return new Promise<void>((resolve) => {
        finish = resolve;
      });
    };
    const periodMs = (tookMs: number) => {
      took.push(tookMs);
      return 100 + tookMs;
    };
    createPoller({ poll, periodMs, clock }).start();
    clock.advance(100);
    clock.advance(500);
    finish();
    await soon();
    clock.advance(599);
    expect([runs, took]).to.deep.equal([1, [0, 500]]);
    clock.advance(1);
    expect(runs).to.equal(2);
  });

  it('continues after a run that fails', async () => {
    const clock = createFakeClock();
    const errors: unknown[] = [];
    const poll = async () => {
      throw new Error('away');
    };
    createPoller({ poll, periodMs: 100, clock, onError: (error) => errors.push(error) }).start();
    for (let run = 0; run < 2; run += 1) {
      clock.advance(100);
      await soon();
    }
    expect(errors).to.have.length(2);
  });

  it('stops after the run that is in progress, and runs no more', async () => {
    const clock = createFakeClock();
    let finish = () => {};
    let isStopped = false;
    const poll = () =>
      new Promise<void>((resolve) => {
        finish = resolve;
      });
    const poller = createPoller({ poll, periodMs: 100, clock });
    poller.start();
    clock.advance(100);
    const stopped = poller.stop().then(() => {
      isStopped = true;
    });
    await soon();
    expect(isStopped).to.equal(false);
    finish();
    await stopped;
    expect(clock.timers()).to.equal(0);
  });
});
