import { expect } from 'chai';
import { createCoverageWindow } from '../../../src/domain/failover/coverage-window.ts';

describe('the time in which a node knows every revocation', () => {
  let now = 0;
  const clock = { monotonic: () => now };
  beforeEach(() => {
    now = 5_000;
  });
  const known = () => createCoverageWindow({ clock, maxMs: 60_000 });

  it('is empty before the first read', () => {
    const none = Number.NEGATIVE_INFINITY;
    expect(known().range()).to.deep.equal({ fromMs: none, untilMs: none });
  });

  it('reaches from the first read to the last one, and is no longer than the retention', () => {
    const time = known();
    time.extend(1_000_000);
    now += 10_000;
    time.extend(1_010_000);
    expect(time.range()).to.deep.equal({ fromMs: 1_000_000, untilMs: 1_010_000 });
    now += 70_000;
    time.extend(1_080_000);
    expect(time.range()).to.deep.equal({ fromMs: 1_020_000, untilMs: 1_080_000 });
  });

  it('does not advance while there is no database, and continues by the clock of the next one', () => {
    const time = known();
    time.extend(1_000_000);
    now += 10_000;
    time.extend(1_010_000);
    now += 600_000;
    expect(time.range()).to.deep.equal({ fromMs: 1_000_000, untilMs: 1_010_000 });
    time.rebase(9_000_000);
    now += 500;
    time.extend(9_000_500);
    expect(time.range()).to.deep.equal({ fromMs: 8_990_000, untilMs: 9_000_500 });
  });
});
