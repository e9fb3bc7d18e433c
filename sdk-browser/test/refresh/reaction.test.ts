import { endsJar, errorCodes, isRetryable } from '@latchkey/contract';
import { expect } from 'chai';
import { mayRepeatCode, reactTo } from '../../src/refresh/reaction.ts';

describe('reactTo', () => {
  it('ends the jar for the codes that the contract names, and for no other', () => {
    expect(errorCodes.filter((code) => reactTo(code) === 'end')).to.deep.equal(errorCodes.filter(endsJar));
  });
  it('tries again whatever is retryable, but for a proof it cannot give', () => {
    const given = errorCodes.filter((code) => isRetryable(code) && !['reread', 'wait'].includes(reactTo(code)));
    expect(given).to.deep.equal(['proof_required']);
  });
  it('re-reads the jar after a race, and takes a fresh connection when this one is another session’s', () => {
    expect(errorCodes.filter((code) => reactTo(code) === 'reread')).to.deep.equal([
      'rotation_contended',
      'rotation_superseded',
      'busy',
    ]);
    expect(reactTo('already_authenticated')).to.equal('rejoin');
    expect(reactTo('internal_error')).to.equal('wait');
    expect(reactTo('proof_invalid')).to.equal('prove');
    expect(reactTo('invalid_request')).to.equal('error');
  });
});

describe('mayRepeatCode', () => {
  it('repeats whatever is retryable, and what failed on the other side, but for a proof it cannot give', () => {
    const failed = ['internal_error', 'request_timeout'];
    const given = errorCodes.filter((code) => mayRepeatCode(code) !== (isRetryable(code) || failed.includes(code)));
    expect(given).to.deep.equal(['proof_required']);
  });
  it('gives up a code only when it is refused for good', () => {
    expect(['unavailable', 'busy', 'internal_error'].map((code) => mayRepeatCode(code as 'busy'))).to.deep.equal([
      true,
      true,
      true,
    ]);
    expect(['code_used', 'code_expired', 'pkce_mismatch'].map((code) => mayRepeatCode(code as 'busy'))).to.deep.equal([
      false,
      false,
      false,
    ]);
  });
});
