import { errorCodes, isRetryable, shouldClearToken } from '@latchkey/contract';
import { expect } from 'chai';
import { mayRetryCode, policyFor } from '../../src/refresh/refusal-policy.ts';

describe('reactTo', () => {
  it('ends the jar for the codes that the contract names, and for no other', () => {
    expect(errorCodes.filter((code) => policyFor(code) === 'end')).to.deep.equal(errorCodes.filter(shouldClearToken));
  });
  it('tries again whatever is retryable, but for a proof it cannot give', () => {
    const given = errorCodes.filter((code) => isRetryable(code) && !['reread', 'wait'].includes(policyFor(code)));
    expect(given).to.deep.equal(['proof_required']);
  });
  it('re-reads the jar after a race, and takes a fresh connection when this one is another session’s', () => {
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

describe('mayRepeatCode', () => {
  it('repeats whatever is retryable, and what failed on the other side, but for a proof it cannot give', () => {
    const failed = ['internal_error', 'request_timeout'];
    const given = errorCodes.filter((code) => mayRetryCode(code) !== (isRetryable(code) || failed.includes(code)));
    expect(given).to.deep.equal(['proof_required']);
  });
  it('gives up a code only when it is refused for good', () => {
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
