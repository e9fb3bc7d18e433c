import { expect } from 'chai';
import { cachedByCost } from '../../src/base/cached-by-cost.ts';

describe('cachedByCost', () => {
  let now = 0;
  let reads = 0;
  let tookMs = 0;
  const clock = { monotonic: () => now };
  const read = async () => {
    reads += 1;
    await Promise.resolve();
    now += tookMs;
    if (reads === 2) throw new Error('gone');
    return reads;
  };

  beforeEach(() => {
    now = 0;
    reads = 0;
    tookMs = 100;
  });

  it('shares one read between concurrent callers', async () => {
    const told = cachedByCost(clock, 20, read);
    expect(await Promise.all([told(), told(), told()])).deep.equal([1, 1, 1]);
  });

  it('returns the cached value for a multiple of the time that the read took', async () => {
    const told = cachedByCost(clock, 20, read);
    await told();
    now = 2_099;
    expect(await told()).equal(1);
    now = 2_100;
    await told().catch(() => {});
    expect(reads).equal(2);
  });

  it('reads again at once when the read took no time', async () => {
    tookMs = 0;
    const told = cachedByCost(clock, 20, read);
    await told();
    await told().catch(() => {});
    expect(await told()).equal(3);
  });

  it('caches no failure', async () => {
    const told = cachedByCost(clock, 0, read);
    await told();
    const refusal = await told().catch((error: Error) => error.message);
    expect([refusal, await told()]).deep.equal(['gone', 3]);
  });
});
