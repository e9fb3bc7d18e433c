import { fail } from '@latchkey/contract';
import { TransactionError } from '@latchkey/sdk-server';
import { expect } from 'chai';
import { isTrouble, orUnavailable } from '../../src/database/trouble.ts';

const withCode = (code: string) => Object.assign(new Error('trouble'), { code });

describe('isTrouble', () => {
  for (const error of [
    ...['08006', '57P01', '53300', '40P01', 'ECONNREFUSED', 'ECONNRESET'].map(withCode),
    new Error('Connection terminated unexpectedly'),
    new Error('timeout exceeded when trying to connect'),
    new TransactionError('commit_unknown', 'nobody knows'),
  ])
    it(`is ${String((error as { code?: string }).code ?? error.message)}`, () =>
      expect(isTrouble(error)).to.equal(true));

  for (const error of [
    ...['23505', '22003', '42P01', 'ENOENT'].map(withCode),
    new TypeError('x is not a function'),
    new TransactionError('not_awaited', 'a mistake'),
    fail('not_found'),
    'a string',
  ])
    it(`is not ${String((error as { code?: string }).code ?? error)}`, () => expect(isTrouble(error)).to.equal(false));
});

describe('orUnavailable', () => {
  it('makes trouble retryable, and leaves everything else as it is', async () => {
    const caught = (error: unknown) => orUnavailable(() => Promise.reject(error)).catch((thrown: unknown) => thrown);
    expect(await caught(withCode('57P01'))).to.include({ code: 'unavailable', retryable: true });
    const mistake = new TypeError('x is not a function');
    expect(await caught(mistake)).to.equal(mistake);
  });
});
