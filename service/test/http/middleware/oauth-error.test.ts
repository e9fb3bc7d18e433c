import { errorCodes, fail, isRetryable } from '@latchkey/contract';
import { expect } from 'chai';
import { toOAuthError } from '../../../src/http/middleware/oauth-error.ts';

describe('toOAuthError', () => {
  const grants = /^(code_|pkce_|token_|session_|generation_unknown)/;

  it('returns invalid_grant for a permanently refused credential', () => {
    for (const code of errorCodes.filter((code) => grants.test(code)))
      expect(toOAuthError(fail(code), 'r'))
        .deep.include({ status: 400 })
        .nested.property('body.error', 'invalid_grant');
  });

  it('returns no invalid_grant for a race or a transient error', () => {
    for (const code of errorCodes.filter(isRetryable))
      expect(toOAuthError(fail(code), 'r').body.error).not.equal('invalid_grant');
    for (const code of ['busy', 'rotation_contended', 'rotation_superseded', 'unavailable', 'overloaded'] as const)
      expect(toOAuthError(fail(code), 'r')).nested.include({ status: 503, 'body.error': 'temporarily_unavailable' });
  });

  it('returns an internal error without details', () => {
    const { status, body } = toOAuthError(fail('internal_error', { cause: new Error('x'), detail: 'private' }), 'r');
    expect([status, body.error, body.request_id]).eql([500, 'server_error', 'r']);
    expect(JSON.stringify(body)).not.include('private');
  });

  it('writes descriptions in the characters that RFC 6749 allows', () => {
    const details = [{ path: 'a"\\é\n', message: 'unknown key' }];
    const { body } = toOAuthError(fail('invalid_request', { details }), 'r');
    expect(body.error_description).match(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/);
    expect(body.error_description.length).below(401);
  });
});
