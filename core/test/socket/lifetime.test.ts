import { expect } from 'chai';
import fc from 'fast-check';
import {
  type ExpiryState,
  nextCheckAt,
  nextWarningIndex,
  setLifetime,
  takeDueWarnings,
} from '../../src/socket/lifetime.ts';

const warningsMs = [120_000, 30_000];
const fresh = (): ExpiryState => ({
  endsAt: Number.POSITIVE_INFINITY,
  idleEndsAt: Number.POSITIVE_INFINITY,
  accessLapsesAt: Number.POSITIVE_INFINITY,
  endStage: 2,
  idleStage: 2,
});

describe('nextWarningIndex', () => {
  it('is the index of the next warning', () => {
    const stages = [500_000, 120_001, 120_000, 30_001, 30_000, 0, -5].map((ms) => nextWarningIndex(ms, warningsMs));
    expect(stages).to.deep.equal([0, 0, 1, 1, 2, 2, 2]);
    expect(nextWarningIndex(5, [])).to.equal(0);
  });
});

describe('the lifetime of a session', () => {
  /** Lives through a session that nobody moves, looking only when told to. */
  function live(seconds: number, idleSeconds: number | null) {
    const span = fresh();
    const said: string[] = [];
    setLifetime(span, { expiresInSeconds: seconds, idleExpiresInSeconds: idleSeconds }, warningsMs, 0);
    const end = Math.min(span.endsAt, span.idleEndsAt);
    let looks = 0;
    for (let now = nextCheckAt(span, warningsMs); now < end; now = Math.max(now + 250, nextCheckAt(span, warningsMs))) {
      looks += 1;
      for (const { reason, inSeconds } of takeDueWarnings(span, warningsMs, now)) said.push(`${reason} ${inSeconds}`);
    }
    return { said, looks };
  }

  it('is checked only when a warning is due', () => {
    expect(live(600, null)).to.deep.equal({ said: ['expired 120', 'expired 30'], looks: 2 });
    expect(live(600, 300)).to.deep.equal({ said: ['idle_timeout 120', 'idle_timeout 30'], looks: 2 });
    expect(live(100, null)).to.deep.equal({ said: ['expired 30'], looks: 1 });
    expect(live(20, 10)).to.deep.equal({ said: [], looks: 0 });
  });

  it('warns of no idle limit that is later than the absolute limit', () => {
    expect(live(600, 620).said).to.deep.equal(['expired 120', 'expired 30']);
  });

  it('warns at most once at each threshold, whatever the lengths', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5_000 }),
        fc.option(fc.integer({ min: 1, max: 5_000 })),
        (seconds, idle) => {
          const { said, looks } = live(seconds, idle);
          expect(new Set(said).size).to.equal(said.length);
          expect(looks).to.be.at.most(5);
        },
      ),
    );
  });

  it('starts at the first warning again when the end is moved later', () => {
    const span = fresh();
    setLifetime(span, { expiresInSeconds: 40_000, idleExpiresInSeconds: 100 }, warningsMs, 0);
    expect(span.idleStage).to.equal(1);
    setLifetime(span, { expiresInSeconds: 40_000, idleExpiresInSeconds: 600 }, warningsMs, 0);
    expect(span.idleStage).to.equal(0);
    takeDueWarnings(span, warningsMs, 571_000);
    expect(span.idleStage).to.equal(2);
    setLifetime(span, { expiresInSeconds: 40_000, idleExpiresInSeconds: 600 }, warningsMs, 571_000);
    expect(span.idleStage).to.equal(0);
  });
});
