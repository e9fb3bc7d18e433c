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

/** The refusal of a credential, and what decides about the next step. */
export interface Refusal {
  /** True for a sign-in code, false for a token. */
  readonly isCode: boolean;
  readonly code: ErrorCode;
  /** What the service says about a code that this version does not know. */
  readonly retryable?: boolean;
  /** Milliseconds between the presentation and the refusal. */
  readonly elapsedMs?: number;
  /** True if another tab has stored a newer token. */
  readonly hasNewerToken?: boolean;
  /** `none`: this browser has no key. */
  readonly keyStatus?: 'key' | 'none' | 'unknown' | undefined;
}

/** `present`: at once. `lost`: end the session as `key_lost`. `reject`: reject the sign-in. The others as {@link RefusalPolicy}. */
type RefusalStep = RefusalPolicy | 'present' | 'lost' | 'reject';

/** The refusals before the first one. */
export const noRefusals: readonly ErrorCode[] = [];

/** Every third or fifth `internal_error` in a row is final, because a retry does not help if a hook of the service fails. */
const maxServerErrors = { code: 3, token: 5 };
const maxProofRefusals = 2;
/** An `internal_error` for a code after this time is final, because a hook of the service has timed out. */
const slowErrorMs = 1_000;

/** Decides about a token. Without a key the session cannot be used in this browser. */
function decideToken(policy: RefusalPolicy, proofs: number, { hasNewerToken, keyStatus }: Refusal): RefusalStep {
  const isLastProof = policy === 'prove' && proofs % maxProofRefusals === 0;
  if (isLastProof && keyStatus !== 'none') return 'error';
  if (policy === 'reread' && hasNewerToken) return 'present';
  if (policy !== 'end' && !isLastProof) return policy;
  if (hasNewerToken) return 'rejoin';
  return isLastProof ? 'lost' : 'end';
}

/**
 * Returns the next step after a refusal. Pure. A code is presented again with the same verifier and key
 * (docs/why/token-storage.md#a-code-in-memory).
 *
 * @param earlier codes of the refusals since the last accepted credential, the newest first
 */
export function decideRefusal(earlier: readonly ErrorCode[], refusal: Refusal): RefusalStep {
  const { isCode, code, retryable, elapsedMs = 0 } = refusal;
  const policy = policyFor(code, retryable);
  const all = [code, ...earlier];
  const serverErrors = [...all, ''].findIndex((one) => one !== 'internal_error');
  const isLast = serverErrors > 0 && serverErrors % maxServerErrors[isCode ? 'code' : 'token'] === 0;
  const proofs = all.filter((one) => policyFor(one) === 'prove').length;
  if (!isCode) return isLast ? 'error' : decideToken(policy, proofs, refusal);
  const isFinal = isLast || (serverErrors > 0 && elapsedMs >= slowErrorMs);
  return !isFinal && (policy === 'wait' || policy === 'reread') ? 'wait' : 'reject';
}
