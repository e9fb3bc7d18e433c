import type { ErrorCode } from './errors.ts';
import type { EndReason } from './socket.ts';

/** Transient errors and races. They say nothing about the token and never delete it. */
const retryableCodes: readonly ErrorCode[] = [
  'proof_required',
  'use_dpop_nonce',
  'rotation_contended',
  'rotation_superseded',
  'busy',
  'auth_timeout',
  'rate_limited',
  'overloaded',
  'unavailable',
  'mail_unavailable',
  'server_draining',
  'revocations_stale',
  'revocations_not_ready',
];

/** The stored token is invalid: the SDK quarantines it and is signed out. */
const fatalCodes: readonly ErrorCode[] = [
  'token_invalid',
  'token_reused',
  'generation_unknown',
  'session_revoked',
  'session_expired',
];

/** True when trying the same thing again can help; false for a code of a newer version. */
export function isRetryable(code: ErrorCode): boolean {
  return retryableCodes.includes(code);
}

/** True when the code means that the stored token is invalid, so that a browser quarantines it. */
export function shouldClearToken(code: ErrorCode): boolean {
  return fatalCodes.includes(code);
}

/** The code for a session that ended for this reason: its time ran out, or it was ended before. */
export function errorCodeForEnd(reason: EndReason): 'session_expired' | 'session_revoked' {
  return reason === 'idle_timeout' || reason === 'expired' ? 'session_expired' : 'session_revoked';
}
