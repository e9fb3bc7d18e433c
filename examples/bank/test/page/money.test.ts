import { expect } from 'chai';
import { formatMoney, parseCents } from '../../page/src/money.ts';

describe('parseCents', () => {
  for (const [typed, cents] of [
    ['12', 1_200],
    ['12.5', 1_250],
    ['12,50', 1_250],
    [' 0.01 ', 1],
    ['1.10', 110],
    ['999999999.99', 99_999_999_999],
  ] as const)
    it(`reads "${typed}" as ${cents} cents`, () => expect(parseCents(typed)).to.equal(cents));

  for (const typed of ['', '0', '0.00', '-1', '1.234', '1,000.00', '1e3', 'ten', '1 2', '.5', '٣'])
    it(`refuses "${typed}"`, () => expect(parseCents(typed)).to.equal(undefined));
});

describe('formatMoney', () => {
  it('formats cents as euros', () =>
    expect([formatMoney(100_000), formatMoney(-5)]).to.deep.equal(['€1,000.00', '-€0.05']));
});
