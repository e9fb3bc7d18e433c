import { type ErrorCode, isRetryable, shouldClearToken } from '@latchkey/contract';

/**
 * What the SDK does after a refusal of its token:
 * - `reread` another tab was faster: read the jar again, soon
 * - `wait`   infrastructure: try again with back-off, never a verdict about the token
 * - `end`    the token is worthless, unless another tab holds a newer one
 * - `rejoin` the connection belongs to another session: take a fresh one
 * - `prove`  the proof of the session's key was missing or bad: look for the key again
 * - `error`   the service does not understand us; keep the jar, say so, stop
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

/** `isRetryableByServer` decides for a code that only a newer service knows. */
export function policyFor(code: ErrorCode, isRetryableByServer = false): RefusalPolicy {
  if (shouldClearToken(code)) return 'end';
  return policyByCode[code] ?? (isRetryableByServer || isRetryable(code) ? 'wait' : 'error');
}

/** True when a sign-in code may be shown again, with the same verifier and key (docs/token-storage.md#a-code-in-memory). */
export function mayRetryCode(code: ErrorCode, isRetryableByServer = false): boolean {
  const policy = policyFor(code, isRetryableByServer);
  return policy === 'wait' || policy === 'reread';
}
