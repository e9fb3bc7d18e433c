import { fail, isTransientError, toFailure } from '@latchkey/contract';
import { expect } from 'chai';
import { isTimeout } from '../../src/base/error.ts';

const withCode = (code: string): Error => Object.assign(new Error('it failed'), { code });

/** Errors as pg, its pool and Node throw them: what it is, and whether patience is used up. */
const trouble: readonly [what: string, error: Error, timeout: boolean][] = [
  ['a connection that Postgres closed', withCode('57P01'), false],
  ['a connection that was reset', withCode('ECONNRESET'), false],
  ['a deadlock', withCode('40P01'), false],
  ['a full disk', withCode('53100'), false],
  ['a statement over its time', withCode('57014'), true],
  ['a statement without an answer', new Error('Query read timeout'), true],
  ['a connection that was not taken', new Error('timeout expired'), true],
  ['a pool without a free connection', new Error('timeout exceeded when trying to connect'), true],
];

describe('error', () => {
  for (const [what, error, timeout] of trouble)
    it(`classifies ${what} as infrastructure${timeout ? ', timed out' : ''}`, () => {
      expect(isTransientError(error)).to.equal(true);
      expect(isTimeout(error)).to.equal(timeout);
      expect(toFailure(error).code).to.equal('unavailable');
    });

  for (const error of [withCode('23505'), withCode('42703'), new TypeError('no such thing'), 'text'])
    it(`classifies ${error} as an internal error`, () => {
      expect(isTransientError(error)).to.equal(false);
      expect(toFailure(error).code).to.equal('internal_error');
    });

  it('leaves a failure as it is', () => {
    const failure = fail('token_reused');
    expect(toFailure(failure)).to.equal(failure);
  });
});
