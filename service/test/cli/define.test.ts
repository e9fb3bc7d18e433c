import { expect } from 'chai';
import { InvalidArgumentError } from 'commander';
import { parsePositiveNumber, parseTime, splitList } from '../../src/cli/define.ts';

describe('splitList', () => {
  it('splits at commas and spaces', () => {
    expect(splitList('relay, feed,limits  admin,')).to.deep.equal(['relay', 'feed', 'limits', 'admin']);
  });

  it('refuses a text without any, which would allow everything', () => {
    for (const text of ['', ' ', ',']) expect(() => splitList(text)).to.throw(InvalidArgumentError);
  });
});

describe('parseTime', () => {
  it('reads a date, and a time with and without a zone, as UTC', () => {
    expect(parseTime('2026-01-31')).to.equal('2026-01-31T00:00:00.000Z');
    expect(parseTime('2026-01-31T12:00')).to.equal('2026-01-31T12:00:00.000Z');
    expect(parseTime('2026-01-31T12:00:00+02:00')).to.equal('2026-01-31T10:00:00.000Z');
  });

  for (const text of [
    '31.1.2026',
    '2026-02-31',
    '2026-02-31T10:00Z',
    '0000-01-01',
    '2026-02-31T99:00Z',
    '2026',
    'now',
    '',
  ])
    it(`refuses "${text}"`, () => {
      expect(() => parseTime(text)).to.throw(InvalidArgumentError);
    });
});

describe('parsePositiveNumber', () => {
  it('refuses 0, which would list nothing', () => {
    expect(parsePositiveNumber('1')).to.equal(1);
    for (const text of ['0', '-1', '1.5', '']) expect(() => parsePositiveNumber(text)).to.throw(InvalidArgumentError);
  });
});
