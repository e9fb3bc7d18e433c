import { expect } from 'chai';
import { explore } from './explore.ts';
import { createMoves } from './moves.ts';
import { mutants } from './mutants.ts';
import { type Rules, serviceRules } from './verdict.ts';
import { type Bounds, startWorld } from './world.ts';

const honest: Bounds = {
  tabs: 2,
  lock: false,
  thief: 'none',
  sends: 3,
  thiefSends: 0,
  duplicates: 1,
  jumps: 1,
  latestMs: 10_000,
};

/** What was sent outlives its connection and may arrive at any time. */
const late: Bounds = { ...honest, deadlineMs: 5_000 };

const spaces = {
  'two tabs without a lock': { ...honest, latestMs: 10_000 },
  'two tabs with a lock': { ...honest, lock: true, latestMs: 60_000 },
  'three tabs without a lock': { ...honest, tabs: 3, sends: 3, duplicates: 0, jumps: 0 },
  'a thief with an idle copy': { ...honest, thief: 'idle', sends: 2, thiefSends: 2, duplicates: 0 },
  'a thief who copied in the middle of a rotation': {
    ...honest,
    lock: true,
    thief: 'mid',
    sends: 2,
    thiefSends: 2,
    duplicates: 0,
  },
  'two tabs whose requests arrive late': late,
  'late requests beside a thief with an idle copy': { ...late, thief: 'idle', sends: 2, thiefSends: 2, duplicates: 0 },
} satisfies Record<string, Bounds>;

function exploreWith(rules: Rules, bounds: Bounds) {
  return explore(startWorld(bounds), createMoves(rules, bounds));
}

/** Which space shows what is wrong with a mutant, and which invariant it names. */
const shownBy: Record<string, [keyof typeof spaces, RegExp]> = {
  'strict single use': ['two tabs with a lock', /^I3/],
  'the parent is always forgiven': ['a thief with an idle copy', /^I4/],
  'a grace window instead of a key': ['a thief with an idle copy', /^I4/],
  'a repetition leaves no trace': ['two tabs with a lock', /^I3/],
  'a repetition leaves the history as it is': ['two tabs with a lock', /^I3/],
  'a history of one': ['two tabs with a lock', /^I3/],
  'no contended window': ['two tabs without a lock', /^I3/],
  'contended without an end': ['a thief with an idle copy', /^I5/],
  'a repetition rotates again': ['two tabs with a lock', /^I1/],
  'no deadline': ['two tabs whose requests arrive late', /^I3/],
  'a deadline longer than the contended window': ['two tabs whose requests arrive late', /^I3/],
};

describe('the rotation rules, in every order of events', function () {
  this.timeout(60_000);

  for (const [name, bounds] of Object.entries(spaces)) {
    it(`hold for ${name}`, () => {
      const { states, counterexample } = exploreWith(serviceRules, bounds);
      expect(counterexample ?? []).to.deep.equal([]);
      expect(states).to.be.greaterThan(1_000);
    });
  }

  for (const [name, rules] of Object.entries(mutants)) {
    it(`are violated with the mutation "${name}"`, () => {
      const [space, invariant] = shownBy[name]!;
      const { counterexample } = exploreWith(rules, spaces[space]);
      expect(counterexample?.at(-1)).to.match(invariant);
    });
  }
});
