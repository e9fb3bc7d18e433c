import { expect } from 'chai';
import { AbortedTransactionError, isCommitRefusal } from '../../src/transaction/commit-outcome.ts';

const errorWith = (fields: object) => Object.assign(new Error('from the database'), fields);

describe('isCommitRefusal', () => {
  for (const code of ['23505', '23503', '40001', '40P01', '25P02', 'P0001']) {
    it(`is true for ${code}`, () => {
      expect(isCommitRefusal(errorWith({ code, severity: 'ERROR' }))).to.equal(true);
    });
  }

  for (const code of ['08006', '57P01', '57014', '58030', 'XX000', '40003']) {
    it(`is false for ${code}`, () => {
      expect(isCommitRefusal(errorWith({ code, severity: 'ERROR' }))).to.equal(false);
    });
  }

  it('is true for a commit that was answered with a rollback', () => {
    expect(isCommitRefusal(new AbortedTransactionError())).to.equal(true);
  });

  it('is false for a network error, even if its code looks like one of the database', () => {
    for (const fields of [{ code: 'EPIPE' }, { code: 'ECONNRESET' }, {}, { code: 23505, severity: 'ERROR' }]) {
      expect(isCommitRefusal(errorWith(fields))).to.equal(false);
    }
    expect(isCommitRefusal('23505')).to.equal(false);
  });
});
