import { expect } from 'chai';
import {
  createFurthestProgress,
  isRestored,
  type ServerProgress,
} from '../../../src/domain/failover/server-progress.ts';

const seen: ServerProgress = { server: '7.00000001', counter: 2, head: 10, lsn: 1_000 };

describe('isRestored', () => {
  for (const [what, change, restored] of [
    ['the same', {}, false],
    ['further', { head: 11, lsn: 1_001 }, false],
    ['fewer numbers of the list', { head: 9, lsn: 1_001 }, true],
    ['a shorter log', { lsn: 999 }, true],
    ['a smaller counter with more of all else', { counter: 1, head: 11, lsn: 1_001 }, true],
    ['a greater counter with less of all else', { counter: 3, head: 0, lsn: 0 }, false],
    ['another epoch with less of all', { server: '7.00000002', counter: 1, head: 0, lsn: 0 }, false],
  ] as const)
    it(`${what}: ${restored}`, () => expect(isRestored({ ...seen, ...change }, seen)).to.equal(restored));

  it('no earlier progress: false', () => expect(isRestored(seen, undefined)).to.equal(false));
});

describe('createFurthestProgress', () => {
  it('keeps the greatest numbers of one epoch when answers arrive in another order', () => {
    const furthest = createFurthestProgress();
    for (const change of [{}, { head: 12 }, { lsn: 1_100 }, { counter: 1, head: 99, lsn: 9_999 }])
      expect(furthest.update({ ...seen, ...change })).to.equal(false);
    expect(furthest.current).to.deep.equal({ ...seen, head: 12, lsn: 1_100 });
  });

  it('starts over with another epoch or a greater counter, and reports the latter', () => {
    const furthest = createFurthestProgress();
    const [promoted, anew] = [
      { ...seen, server: '7.00000002', head: 5 },
      { ...seen, server: '7.00000002', counter: 3 },
    ];
    expect([seen, promoted, anew, anew].map(furthest.update)).to.deep.equal([false, false, true, false]);
    expect(furthest.current).to.deep.equal(anew);
  });
});
