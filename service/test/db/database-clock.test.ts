import { expect } from 'chai';
import { createDatabaseClock } from '../../src/db/database-clock.ts';

/** A process whose monotonic clock `pass` advances, and a database `ahead` of it. */
function bench() {
  let m = 1_000;
  let ahead = 1_700_000_000_000;
  const time = createDatabaseClock({ clock: { monotonic: () => m } });
  const jumps: number[] = [];
  time.onJump((ms) => jumps.push(ms));
  return {
    time,
    jumps,
    truth: () => m + ahead,
    pass(ms: number) {
      m += ms;
    },
    /** The database's clock is set, or this machine was suspended: its monotonic clock did not advance. */
    shift(ms: number) {
      ahead += ms;
    },
    /** A statement: `there` ms on its way, `back` ms on the way back. */
    ask(there: number, back: number) {
      const sentAt = m;
      m += there;
      const at = m + ahead;
      m += back;
      time.sample({ sentAt, answeredAt: m, time: at });
    },
  };
}

describe('createDatabaseClock', () => {
  it('throws unavailable before the first sample', () => {
    const { time } = bench();
    expect(time.isKnown).to.equal(false);
    expect(time.ageMs()).to.equal(Number.POSITIVE_INFINITY);
    expect(time.widthMs()).to.equal(Number.POSITIVE_INFINITY);
    for (const read of [time.earliest, time.latest, time.now]) {
      expect(read).to.throw().with.property('code', 'unavailable');
    }
  });

  it('bounds the time of the database from both sides, however the round trip was split', () => {
    for (const [there, back] of [
      [0, 40],
      [40, 0],
      [13, 27],
    ] as const) {
      const { time, ask, pass, truth } = bench();
      ask(there, back);
      pass(5_000);
      expect(time.earliest()).to.be.at.most(truth());
      expect(time.latest()).to.be.at.least(truth());
      expect(time.widthMs()).to.equal(41);
      expect(time.now()).to.equal((time.earliest() + time.latest()) / 2);
      expect(time.ageMs()).to.equal(5_000);
    }
  });

  it('keeps the sample of the shortest round trip for a minute, then the next best', () => {
    const { time, ask, pass } = bench();
    ask(1, 1);
    pass(30_000);
    ask(5, 5);
    pass(10);
    ask(50, 50);
    expect(time.widthMs()).to.equal(3);
    expect(time.ageMs()).to.equal(0);
    pass(29_950);
    ask(20, 20);
    expect(time.widthMs()).to.equal(11);
    pass(60_000);
    ask(20, 20);
    expect(time.widthMs()).to.equal(41);
  });

  it('keeps the newest sample when none is less than a minute old', () => {
    const { time, ask, pass } = bench();
    ask(1, 1);
    pass(600_000);
    expect(time.widthMs()).to.equal(3);
    expect(time.ageMs()).to.equal(600_000);
  });

  it('follows at once when a sample differs from the estimate by more than 50 ms, and not before', () => {
    for (const shifted of [80, -80]) {
      const { time, ask, shift, truth, jumps } = bench();
      ask(1, 1);
      shift(shifted);
      ask(10, 10);
      expect(time.earliest()).to.be.at.most(truth());
      expect(time.latest()).to.be.at.least(truth());
      expect(time.widthMs()).to.equal(21);
      expect(jumps).to.deep.equal([]);
    }
    const { time, ask, shift } = bench();
    ask(1, 1);
    shift(40);
    ask(10, 10);
    expect(time.widthMs()).to.equal(3);
  });

  it('is early, never late, after a suspension, and the first answer corrects it and reports the length', () => {
    const { time, ask, shift, truth, jumps } = bench();
    ask(1, 1);
    shift(600_000);
    expect(time.earliest()).to.be.below(truth());
    ask(2, 2);
    expect(time.earliest()).to.be.within(truth() - 2, truth());
    expect(jumps).to.have.length(1);
    expect(jumps[0]).to.be.closeTo(600_000, 5);
  });

  it('reports no suspension when the clock of the database is set back, or when an answer took long', () => {
    const { ask, shift, jumps } = bench();
    ask(1, 1);
    shift(-600_000);
    ask(1, 1);
    ask(1, 90_000);
    ask(90_000, 1);
    expect(jumps).to.deep.equal([]);
  });

  it('drops all samples on another epoch, and keeps them when the same epoch is named again', () => {
    const { time, ask } = bench();
    time.enterEpoch('7.00000001.1');
    ask(1, 1);
    time.enterEpoch('7.00000001.1');
    expect(time.isKnown).to.equal(true);
    time.enterEpoch('7.00000002.1');
    expect(time.isKnown).to.equal(false);
    expect(time.ageMs()).to.equal(Number.POSITIVE_INFINITY);
    expect(time.earliest).to.throw().with.property('code', 'unavailable');
  });

  it('takes the time of a statement from its answer, and nothing from one that failed', async () => {
    const { time, truth, pass } = bench();
    const answer = await time.measure(
      async () => {
        const row = { at: truth() };
        pass(10);
        return row;
      },
      ({ at }) => at,
    );
    expect(time.widthMs()).to.equal(11);
    expect(answer.at).to.equal(truth() - 10);
    const failed = time.measure(
      () => Promise.reject(new Error('lost')),
      () => 0,
    );
    expect(await failed.catch((error: Error) => error.message)).to.equal('lost');
    expect(time.widthMs()).to.equal(11);
  });
});
