import { errorCodes, isRetryable, shouldClearToken } from '@latchkey/contract';
import { expect } from 'chai';
import { mayRetryCode, policyFor } from '../../src/refresh/refusal-policy.ts';

describe('policyFor', () => {
  it('ends the session only for the codes of the contract', () => {
    expect(errorCodes.filter((code) => policyFor(code) === 'end')).to.deep.equal(errorCodes.filter(shouldClearToken));
  });
  it('retries each retryable code except those of a missing proof', () => {
    const given = errorCodes.filter((code) => isRetryable(code) && !['reread', 'wait'].includes(policyFor(code)));
    expect(given).to.deep.equal(['proof_required']);
  });
  it('reads the token again after a race, and opens a new connection when this one is of another session', () => {
    expect(errorCodes.filter((code) => policyFor(code) === 'reread')).to.deep.equal([
      'rotation_contended',
      'rotation_superseded',
      'busy',
    ]);
    expect(policyFor('already_authenticated')).to.equal('rejoin');
    expect(policyFor('internal_error')).to.equal('wait');
    expect(policyFor('proof_invalid')).to.equal('prove');
    expect(policyFor('invalid_request')).to.equal('error');
  });
});

describe('mayRetryCode', () => {
  it('repeats a code after retryable and internal errors, except those of a missing proof', () => {
    const failed = ['internal_error', 'request_timeout'];
    const given = errorCodes.filter((code) => mayRetryCode(code) !== (isRetryable(code) || failed.includes(code)));
    expect(given).to.deep.equal(['proof_required']);
  });
  it('rejects a code only after a permanent refusal', () => {
    expect(['unavailable', 'busy', 'internal_error'].map((code) => mayRetryCode(code as 'busy'))).to.deep.equal([
      true,
      true,
      true,
    ]);
    expect(['code_used', 'code_expired', 'pkce_mismatch'].map((code) => mayRetryCode(code as 'busy'))).to.deep.equal([
      false,
      false,
      false,
    ]);
  });
});
