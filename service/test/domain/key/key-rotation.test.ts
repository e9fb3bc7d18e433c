import { expect } from 'chai';
import fc from 'fast-check';
import type { KeyState } from '../../../src/domain/key/key.ts';
import {
  isRotationDue,
  type KeyAction,
  type KeyStatus,
  planDeletion,
  planInitialKeys,
  planRotation,
} from '../../../src/domain/key/key-rotation.ts';

const key = (kid: string, state: KeyState, usable = true): KeyStatus => ({
  ...{ kid, state, usable },
  createdAtMs: 0,
  retiredAtMs: null,
});

describe('planInitialKeys', () => {
  const cases: [KeyStatus[], KeyAction[]][] = [
    [[], [{ make: 'current' }, { make: 'next' }]],
    [[key('a', 'current')], [{ make: 'next' }]],
    [[key('a', 'next')], [{ make: 'current' }]],
    [[key('a', 'current', false), key('b', 'next', false)], []],
  ];
  for (const [keys, steps] of cases) {
    it(`${keys.map(({ state }) => state).join(' and ') || 'nothing'}: ${JSON.stringify(steps)}`, () => {
      expect(planInitialKeys(keys)).to.deep.equal(steps);
    });
  }
});

describe('planRotation', () => {
  it('retires current, promotes next, creates another next', () => {
    expect(planRotation([key('a', 'current'), key('b', 'next')])).to.deep.equal([
      { retire: 'a', from: 'current' },
      { promote: 'b' },
      { make: 'next' },
    ]);
  });

  it('skips a next key that cannot be used', () => {
    expect(planRotation([key('a', 'current'), key('b', 'next', false)])).to.deep.equal([
      { retire: 'a', from: 'current' },
      { retire: 'b', from: 'next' },
      { make: 'current' },
      { make: 'next' },
    ]);
  });
});

describe('isRotationDue', () => {
  const intervalMs = 1_000;
  const keys = [key('a', 'current'), { ...key('b', 'next'), createdAtMs: 5_000 }];

  it('is true once the next key was published for the interval, to the millisecond', () => {
    expect(isRotationDue(keys, 5_999, intervalMs)).to.equal(false);
    expect(isRotationDue(keys, 6_000, intervalMs)).to.equal(true);
  });

  for (const state of ['current', 'next'] as const) {
    it(`is false at a node that cannot sign with the ${state} key`, () => {
      const partial = keys.map((each) => (each.state === state ? { ...each, usable: false } : each));
      expect(isRotationDue(partial, 6_000, intervalMs)).to.equal(false);
    });
  }

  it('is false without keys', () => {
    expect(isRotationDue([], 6_000, intervalMs)).to.equal(false);
  });
});

describe('planDeletion', () => {
  it('counts the overlap from the retirement, to the millisecond', () => {
    const retired: KeyStatus = { ...key('a', 'previous'), retiredAtMs: 5_000 };
    expect(planDeletion([retired], 15_000 - 1, 10)).to.deep.equal([]);
    expect(planDeletion([retired], 15_000, 10)).to.deep.equal(['a']);
  });
});

describe('key rotation over time', () => {
  const overlapSeconds = 400;
  const longestTokenMs = 315_000;
  const event = fc.oneof(
    fc.constantFrom('start' as const, 'rotate' as const, 'dispose' as const, 'lose' as const),
    fc.integer({ min: 0, max: 600_000 }),
  );

  it('always has one current and one next key, and deletes no key while one of its tokens is valid', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        let [nowMs, count] = [0, 0];
        let keys: KeyStatus[] = [];
        const signedUntil = new Map<string, number>();
        const take = (steps: KeyAction[]) => {
          for (const step of steps) {
            if ('make' in step) keys.push(key(`k${++count}`, step.make));
            else if ('promote' in step)
              keys = keys.map((k) => (k.kid === step.promote ? { ...k, state: 'current' } : k));
            else keys = keys.map((k) => (k.kid === step.retire ? { ...k, state: 'previous', retiredAtMs: nowMs } : k));
          }
        };
        const sign = () => {
          for (const { kid, state, usable } of keys)
            if (state === 'current' && usable) signedUntil.set(kid, nowMs + longestTokenMs);
        };
        take(planInitialKeys(keys));
        for (const happens of events) {
          sign();
          if (typeof happens === 'number') nowMs += happens;
          else if (happens === 'start') take(planInitialKeys(keys));
          else if (happens === 'rotate') take(planRotation(keys));
          else if (happens === 'lose') keys = keys.map((k) => ({ ...k, usable: false }));
          else {
            const gone = planDeletion(keys, nowMs, overlapSeconds);
            for (const kid of gone) expect(signedUntil.get(kid) ?? 0).to.be.at.most(nowMs);
            keys = keys.filter(({ kid }) => !gone.includes(kid));
          }
          for (const state of ['current', 'next']) expect(keys.filter((k) => k.state === state)).to.have.length(1);
          for (const k of keys) expect(k.state === 'previous').to.equal(k.retiredAtMs !== null);
          if (happens === 'rotate') expect(keys.find((k) => k.state === 'current')!.usable).to.equal(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});
