import { expect } from 'chai';
import { createFixedWindowLimiter } from '../../../src/domain/limit/fixed-window-limiter.ts';

describe('createFixedWindowLimiter', () => {
  let now: number;
  const clock = { monotonic: () => now };
  const counter = (maxKeys = 1_000) => createFixedWindowLimiter({ clock, points: 3, windowMs: 1_000, maxKeys });
  beforeEach(() => {
    now = 0;
  });

  it('allows its number of points in a window, and then returns how long to wait', () => {
    const { take } = counter();
    expect([take('a'), take('a'), take('a'), take('a')]).to.deep.equal([0, 0, 0, 1_000]);
    now = 999.5;
    expect(take('a')).to.equal(1);
    now = 1_000;
    expect(take('a')).to.equal(0);
  });

  it('counts each key separately', () => {
    const { take } = counter();
    for (let i = 0; i < 3; i++) take('a');
    expect([take('b'), take('__proto__'), take('a')]).to.deep.equal([0, 0, 1_000]);
  });

  it('removes ended windows without a timer', () => {
    const all = counter();
    for (let i = 0; i < 500; i++) all.take(`old ${i}`);
    now = 1_000;
    all.take('new');
    expect(all.size).to.equal(1);
  });

  it('holds at most the allowed number of keys, and evicts the oldest first', () => {
    const all = counter(10);
    for (let i = 0; i < 3; i++) all.take('first');
    for (let i = 0; i < 9; i++) all.take(`${i}`);
    expect([all.size, all.take('first')]).to.deep.equal([10, 1_000]);
    all.take('one more');
    expect([all.size, all.take('first')]).to.deep.equal([10, 0]);
  });
});
