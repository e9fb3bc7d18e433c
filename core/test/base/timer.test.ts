import { expect } from 'chai';
import { createFakeClock } from '../../../test-kit/fake-clock.ts';
import { createTimer } from '../../src/base/timer.ts';

function bench() {
  const clock = createFakeClock();
  const runs: number[] = [];
  const startedAt = clock.monotonic();
  return { clock, runs, timer: createTimer(clock, () => runs.push(clock.monotonic() - startedAt)) };
}

describe('createTimer', () => {
  it('keeps the run that is pending when it is set, and replaces it when it is reset', () => {
    const { clock, runs, timer } = bench();
    timer.set(100);
    timer.set(50);
    clock.advance(100);
    timer.set(100);
    timer.reset(200);
    clock.advance(200);
    expect(runs).to.deep.equal([100, 300]);
  });

  it('runs nothing after it was cancelled, until it is set again', () => {
    const { clock, runs, timer } = bench();
    timer.set(100);
    timer.cancel();
    clock.advance(100);
    timer.set(100);
    clock.advance(100);
    expect(runs).to.deep.equal([200]);
  });
});
