import { expect } from 'chai';
import { createRefreshScheduler } from '../../src/refresh/refresh-scheduler.ts';
import { createFakeTimers } from '../harness/fake-timers.ts';

function setUp(isLeader = true) {
  const timers = createFakeTimers();
  const done: string[] = [];
  const refresher = createRefreshScheduler({
    timers,
    random: () => 0,
    isLeader: () => isLeader,
    refresh: () => done.push(`refresh ${timers.now()}`),
    rotate: () => done.push(`rotate ${timers.now()}`),
  });
  return { timers, done, refresher };
}

describe('createRefreshScheduler', () => {
  it('refreshes and rotates when it is time', () => {
    const { timers, done, refresher } = setUp();
    refresher.granted({ refresh_in: 240, rotate_in: 900 });
    timers.advance(240_000);
    expect(done).to.deep.equal(['refresh 240000']);
    refresher.refreshed(2_000);
    timers.advance(660_000);
    expect(done).to.deep.equal(['refresh 240000', 'rotate 900000']);
  });
  it('repeats a request later when there is no answer', () => {
    const { timers, done, refresher } = setUp();
    refresher.granted({ refresh_in: 10, rotate_in: 900 });
    timers.advance(30_000);
    expect(done).to.deep.equal(['refresh 10000', 'refresh 20000', 'refresh 30000']);
  });
  it('rotates in time when its timer ran early and the due time passes during the check', () => {
    const { timers, done, refresher } = setUp();
    const looks = [0, 0, 19_999, 20_000];
    const { now } = timers;
    Object.assign(timers, { now: () => looks.shift() ?? now() });
    refresher.granted({ refresh_in: 240, rotate_in: 20 });
    timers.advance(20_000);
    expect(done).to.deep.equal(['rotate 20000']);
  });
  it('leaves the rotation to the leader until it is a minute late', () => {
    const { timers, done, refresher } = setUp(false);
    refresher.granted({ refresh_in: 5_000, rotate_in: 60 });
    timers.advance(119_999);
    expect(done).to.deep.equal([]);
    timers.advance(1);
    expect(done).to.deep.equal(['rotate 120000']);
  });
  it('waits a whole period after another tab has rotated', () => {
    const { timers, done, refresher } = setUp();
    refresher.granted({ refresh_in: 5_000, rotate_in: 60 });
    timers.advance(50_000);
    refresher.rotated();
    timers.advance(59_000);
    expect(done).to.deep.equal([]);
    timers.advance(1_000);
    expect(done).to.deep.equal(['rotate 110000']);
  });
  it('runs a due task at once when checked after a sleep', () => {
    const { timers, done, refresher } = setUp();
    refresher.granted({ refresh_in: 240, rotate_in: 90_000 });
    timers.sleep(3_600_000);
    refresher.check();
    expect(done).to.deep.equal(['refresh 3600000']);
    refresher.check();
    expect(done).to.have.length(1);
  });
  it('refreshes before the access token expires when timers run at whole minutes only', () => {
    const timers = createFakeTimers();
    const throttled = {
      now: timers.now,
      after: (ms: number, run: () => void) =>
        timers.after(Math.ceil((timers.now() + ms) / 60_000) * 60_000 - timers.now(), run),
    };
    const asked = [0];
    const refresher = createRefreshScheduler({
      timers: throttled,
      random: () => 0,
      isLeader: () => true,
      refresh() {
        asked.push(timers.now());
        refresher.refreshed(240);
      },
      rotate() {
        asked.push(timers.now());
        refresher.granted({ refresh_in: 240, rotate_in: 900 });
      },
    });
    timers.sleep(17_000);
    refresher.granted({ refresh_in: 240, rotate_in: 900 });
    timers.advance(12 * 3_600_000);
    const gaps = asked.slice(1).map((at, index) => at - asked[index]!);
    expect(Math.max(...gaps)).to.be.at.most(300_000);
    expect(gaps.length).to.be.at.least(140);
  });
  it('has no timer after stop', () => {
    const { timers, done, refresher } = setUp();
    refresher.granted({ refresh_in: 1, rotate_in: 1 });
    refresher.stop();
    refresher.check();
    timers.advance(60_000);
    expect(done).to.deep.equal([]);
    expect(timers.pending).to.equal(0);
  });
});
