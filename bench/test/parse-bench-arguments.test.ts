import { expect } from 'chai';
import { parseBenchArguments } from '../parse-bench-arguments.ts';

const parse = (line: string) => parseBenchArguments(line.split(' ').filter(Boolean), ['guards', 'proof']);

describe('parseBenchArguments', () => {
  for (const [line, expected] of [
    ['', { names: [], runs: 1 }],
    ['--runs 3', { names: [], runs: 3 }],
    ['proof --runs=10 guards', { names: ['proof', 'guards'], runs: 10 }],
  ] as const)
    it(`reads "${line}"`, () => {
      expect(parse(line)).to.deep.equal(expected);
    });

  for (const [line, message] of [
    ['--run 3', "Unknown option '--run'"],
    ['--rounds=3', "Unknown option '--rounds'"],
    ['--runs', "Option '--runs <value>' argument missing"],
    ['--runs 0', '--runs needs a whole number from 1 to 999, not 0.'],
    ['--runs 1.5', '--runs needs a whole number from 1 to 999, not 1.5.'],
    ['guard', 'There is no row guard. Rows: guards, proof.'],
  ] as const)
    it(`refuses "${line}"`, () => {
      expect(() => parse(line)).to.throw(message);
    });
});
