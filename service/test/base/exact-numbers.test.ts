import { expect } from 'chai';
import { hasExactNumbers } from '../../src/base/exact-numbers.ts';
import { isMetadata } from '../../src/base/profile-values.ts';

describe('hasExactNumbers', () => {
  it('is true for numbers that double precision keeps', () => {
    for (const number of [
      '0',
      '-0',
      '1.50',
      '0.1',
      '-12e3',
      '1E+5',
      '9007199254740991',
      '0.30000000000000004',
      '5e-324',
    ])
      expect(hasExactNumbers(`{"a":[${number}]}`), number).equal(true);
  });

  it('is false for numbers that would be rounded, become infinite, or become 0', () => {
    for (const number of [
      '9007199254740993',
      '-12345678901234567890',
      '0.1234567890123456789',
      '1e400',
      '-1e999',
      '1e-400',
    ])
      expect(hasExactNumbers(`{"a":{"b":${number}},"c":1}`), number).equal(false);
  });

  it('reads a long text once, however it is quoted', () => {
    const begin = performance.now();
    for (const text of [`"${'\\"'.repeat(32_000)}`, `[${Array(30_000).fill(1).join()}]`, `${'1'.repeat(65_000)}`])
      hasExactNumbers(text);
    expect(performance.now() - begin).below(1_000);
  });

  it('does not look into strings', () => {
    expect(hasExactNumbers('{"9007199254740993":"1e400","quoted \\" 1e400":"\\\\"}')).equal(true);
    expect(hasExactNumbers('{"a":"\\\\","b":1e400}')).equal(false);
  });
});

describe('isMetadata', () => {
  it('refuses numbers that JSON has not', () => {
    for (const number of [Number.POSITIVE_INFINITY, Number.NaN]) expect(isMetadata({ a: [number] })).equal(false);
    expect(isMetadata({ a: [1.5, -0, 2 ** 60] })).equal(true);
  });
});
