import { expect } from 'chai';
import { codeOf } from '../../../../test-kit/codes.ts';
import { createAttemptCounter } from '../../../src/domain/limit/attempt-counter.ts';
import type { PointStore } from '../../../src/domain/limit/point-store.ts';

const limit = 10;

/** A store whose answers show the count at the start of a read, and arrive at `deliver`. */
function slowStore() {
  let points = 0;
  let open: (() => void)[] = [];
  const arriving = <T>(value: T) => new Promise<T>((resolve) => open.push(() => resolve(value)));
  const store: PointStore = {
    isShared: true,
    read: () => arriving({ points, msBeforeNext: 1 }),
    add: async () => ({ points: ++points, msBeforeNext: 1, refund: async () => {} }),
    reset: async () => {
      points = 0;
    },
  };
  /** Lets everything that waits now arrive. */
  async function deliver(): Promise<void> {
    const waiting = open;
    open = [];
    for (const arrive of waiting) arrive();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { store, deliver, count: () => points };
}

describe('createAttemptCounter', () => {
  it('refuses the eleventh attempt that began while the tenth was being counted', async () => {
    const { store, deliver } = slowStore();
    const counter = createAttemptCounter({ store, limit });
    const ten = Array.from({ length: limit }, () => counter.begin('ann'));
    await deliver();
    const begun = await Promise.all(ten);
    for (const one of begun.slice(1)) await one.commit();
    const eleventh = codeOf(counter.begin('ann'));
    await begun[0]?.commit();
    await deliver();
    expect(await eleventh).to.equal('rate_limited');
  });

  it('allows no more than the limit when attempts begin and end at any time', async () => {
    const { store, deliver, count } = slowStore();
    const counter = createAttemptCounter({ store, limit });
    let kept = 0;
    const attempt = async () => {
      const one = await counter.begin('ann').catch(() => undefined);
      if (one === undefined) return;
      await one.commit().then(
        () => kept++,
        () => {},
      );
    };
    const all: Promise<void>[] = [];
    for (let i = 0; i < 60; i++) {
      all.push(attempt());
      if (i % 3 === 2) await deliver();
    }
    await deliver();
    await Promise.all(all);
    expect(kept).to.equal(limit);
    expect(count()).to.equal(limit);
  });

  it('refuses a reserved attempt, and a successful one, once another node has reached the limit', async () => {
    const { store, deliver } = slowStore();
    const [here, there] = [createAttemptCounter({ store, limit }), createAttemptCounter({ store, limit })];
    const begin = async (counter: typeof here) => {
      const begun = counter.begin('ann');
      await deliver();
      return begun;
    };
    const wrong = await begin(here);
    const right = await begin(here);
    const others = [];
    for (let i = 0; i < limit; i++) others.push(await begin(there));
    for (const one of others) await one.commit();
    expect(await codeOf(wrong.commit())).to.equal('rate_limited');
    const asserted = codeOf(right.assertWithin());
    await deliver();
    expect(await asserted).to.equal('rate_limited');
  });

  it('allows a new attempt as soon as a reserved one is released', async () => {
    const { store, deliver } = slowStore();
    const counter = createAttemptCounter({ store, limit: 1 });
    const first = counter.begin('ann');
    await deliver();
    const second = counter.begin('ann').catch((error) => error);
    await deliver();
    expect(await second).to.include({ code: 'rate_limited', retryAfterMs: 1_000 });
    (await first).release();
    const third = counter.begin('ann');
    await deliver();
    await third;
  });
});
