import { expect } from 'chai';
import { createDatabaseClockEstimate } from '../../src/platform/database-clock.ts';
import { createFakeTimers } from '../harness/fake-timers.ts';

describe('createDatabaseClockEstimate', () => {
  it('returns undefined before an answer with the time, then that time plus the elapsed time', () => {
    const timers = createFakeTimers();
    const { learn, stamp } = createDatabaseClockEstimate(timers);
    expect(stamp()).to.deep.equal({});
    learn(1_000_000.7, 0);
    timers.sleep(2_500);
    expect(stamp()).to.deep.equal({ asked_at: 1_002_500 });
    learn(900_000, timers.now());
    expect(stamp(), 'the newest answer counts, also after the clock of the database went back').to.deep.equal({
      asked_at: 900_000,
    });
  });

  it('removes the time after a round trip so long that the next request would count as late', () => {
    const timers = createFakeTimers();
    const { learn, stamp } = createDatabaseClockEstimate(timers);
    learn(1_000_000, 0);
    timers.sleep(2_001);
    learn(1_002_000, 0);
    expect(stamp()).to.deep.equal({});
  });

  it('ignores a value that is not a time', () => {
    const { learn, stamp } = createDatabaseClockEstimate(createFakeTimers());
    for (const now of [undefined, null, 'x', Number.NaN, Number.POSITIVE_INFINITY, {}]) learn(now, 0);
    expect(stamp()).to.deep.equal({});
    learn(-5, 0);
    expect(stamp()).to.deep.equal({});
  });
});
