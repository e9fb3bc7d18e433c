import { type ErrorCode, errorCodes, isRetryable, shouldClearToken } from '@latchkey/contract';
import { expect } from 'chai';
import { decideRefusal, policyFor, type Refusal } from '../../src/refresh/refusal-policy.ts';

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

describe('decideRefusal', () => {
  const stepsOf = (kind: 'code' | 'token', codes: readonly ErrorCode[], more: Partial<Refusal> = {}) => {
    const earlier = (at: number) => codes.slice(0, at).reverse();
    return codes.map((code, at) => decideRefusal(earlier(at), { isCode: kind === 'code', code, ...more }));
  };
  const stepOf = (kind: 'code' | 'token', code: ErrorCode, more?: Partial<Refusal>) => stepsOf(kind, [code], more)[0];

  it('repeats a code after retryable and internal errors, except those of a missing proof', () => {
    const failed = ['internal_error', 'request_timeout'];
    const isRepeated = (code: ErrorCode) => stepOf('code', code) === 'wait';
    const given = errorCodes.filter((code) => isRepeated(code) !== (isRetryable(code) || failed.includes(code)));
    expect(given).to.deep.equal(['proof_required']);
  });
  it('rejects a code only after a permanent refusal, or a slow internal_error', () => {
    const permanent = ['code_used', 'code_expired', 'pkce_mismatch'] as const;
    expect(permanent.map((code) => stepOf('code', code))).to.deep.equal(['reject', 'reject', 'reject']);
    expect(stepOf('code', 'internal_error', { elapsedMs: 1_000 })).to.equal('reject');
    expect(stepOf('code', 'unavailable', { elapsedMs: 1_000 })).to.equal('wait');
  });
  for (const [kind, most, last] of [
    ['code', 3, 'reject'],
    ['token', 5, 'error'],
  ] as const) {
    it(`gives up a ${kind} at the ${most}th internal_error in a row, and starts at zero after it`, () => {
      const once = [...Array(most - 1).fill('wait'), last];
      expect(stepsOf(kind, Array(2 * most).fill('internal_error'))).to.deep.equal([...once, ...once]);
    });
    it(`starts at zero for a ${kind} after another refusal`, () => {
      const codes = Array.from({ length: 10 }, (_, at) => ((at + 1) % most === 0 ? 'unavailable' : 'internal_error'));
      expect(new Set(stepsOf(kind, codes as ErrorCode[]))).to.deep.equal(new Set(['wait']));
    });
  }
  it('ends a session only while no newer token is stored', () => {
    for (const hasNewerToken of [false, true]) {
      expect(stepOf('token', 'token_reused', { hasNewerToken })).to.equal(hasNewerToken ? 'rejoin' : 'end');
      expect(stepOf('token', 'busy', { hasNewerToken })).to.equal(hasNewerToken ? 'present' : 'reread');
    }
  });
  it('reads the key again once, then ends a session without a key, or is in error', () => {
    const twice = ['proof_invalid', 'proof_required'] as const;
    expect(stepsOf('token', [...twice, ...twice], { keyStatus: 'key' })).to.deep.equal([
      ...['prove', 'error'],
      ...['prove', 'error'],
    ]);
    expect(stepsOf('token', twice, { keyStatus: 'none' })).to.deep.equal(['prove', 'lost']);
    expect(stepsOf('token', twice, { keyStatus: 'none', hasNewerToken: true })).to.deep.equal(['prove', 'rejoin']);
    expect(stepsOf('token', ['proof_invalid', 'busy', 'proof_invalid'])).to.deep.equal(['prove', 'reread', 'error']);
  });
});
