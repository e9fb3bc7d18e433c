import { expect } from 'chai';
import fc from 'fast-check';
import { fullJitterMs, rereadDelayMs } from '../../src/refresh/backoff.ts';

const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

describe('fullJitterMs', () => {
  it('is below a ceiling that doubles up to 10 s', () => {
    const ceilings = [0, 1, 2, 3, 4, 5, 50, 5_000].map((attempt) => fullJitterMs(attempt, () => 1));
    expect(ceilings).to.deep.equal([500, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000, 10_000]);
    expect(fullJitterMs(5, () => 0)).to.equal(0);
  });
  it('is never above its ceiling', () => {
    fc.assert(fc.property(fc.nat(), random, (attempt, value) => fullJitterMs(attempt, () => value) < 10_000));
  });
});

describe('rereadDelayMs', () => {
  it('is between 0.3 s and 0.6 s', () => {
    fc.assert(
      fc.property(random, (value) => {
        expect(rereadDelayMs(() => value)).to.be.within(300, 600);
      }),
    );
  });
});
