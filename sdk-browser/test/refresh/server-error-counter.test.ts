import { expect } from 'chai';
import { createServerErrorCounter } from '../../src/refresh/server-error-counter.ts';

describe('createServerErrorCounter', () => {
  for (const [kind, most] of [
    ['code', 3],
    ['token', 5],
  ] as const) {
    it(`returns true for the ${most}th internal_error in a row for a ${kind}, and starts at zero after it`, () => {
      const errors = createServerErrorCounter();
      const row = Array.from({ length: 2 * most }, () => errors.countsAsLast(kind, 'internal_error'));
      const once = [...Array(most - 1).fill(false), true];
      expect(row).to.deep.equal([...once, ...once]);
    });

    it(`starts at zero for a ${kind} after another refusal, or a reset`, () => {
      const errors = createServerErrorCounter();
      const codes = Array.from({ length: 10 }, (_, at) => ((at + 1) % most === 0 ? 'busy' : 'internal_error'));
      expect(codes.map((code) => errors.countsAsLast(kind, code))).to.not.include(true);
      errors.reset();
      for (let at = 1; at < most; at += 1) expect(errors.countsAsLast(kind, 'internal_error')).to.equal(false);
    });
  }
});
