import { type ErrorCode, isRetryable, shouldClearToken } from '@latchkey/contract';

/**
 * What the SDK does after a refusal of its token:
 * - `reread`  another tab was faster: read the token store again, soon
 * - `wait`    transient error: try again with back-off. It says nothing about the token
 * - `end`     the token is invalid: end the session, unless another tab has a newer token
 * - `rejoin`  the connection belongs to another session: open a new one
 * - `prove`   the proof was missing or invalid: read the key again
 * - `error`   the service rejects this client: keep the token, set the state, stop
 */
type RefusalPolicy = 'reread' | 'wait' | 'end' | 'rejoin' | 'prove' | 'error';

const policyByCode: Partial<Record<ErrorCode, RefusalPolicy>> = {
  rotation_contended: 'reread',
  rotation_superseded: 'reread',
  busy: 'reread',
  proof_required: 'prove',
  proof_invalid: 'prove',
  already_authenticated: 'rejoin',
  internal_error: 'wait',
  request_timeout: 'wait',
};

/** Returns the policy for a code. `isRetryableByServer` decides for a code of a newer service. */
export function policyFor(code: ErrorCode, isRetryableByServer = false): RefusalPolicy {
  if (shouldClearToken(code)) return 'end';
  return policyByCode[code] ?? (isRetryableByServer || isRetryable(code) ? 'wait' : 'error');
}

/** True if a sign-in code may be presented again, with the same verifier and key (docs/token-storage.md#a-code-in-memory). */
export function mayRetryCode(code: ErrorCode, isRetryableByServer = false): boolean {
  const policy = policyFor(code, isRetryableByServer);
  return policy === 'wait' || policy === 'reread';
}
