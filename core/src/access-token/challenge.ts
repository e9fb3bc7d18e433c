import { type AccessScheme, type ErrorCode, proofConstants, shouldClearToken } from '@latchkey/contract';

/** Attributes of a challenge, such as `error` and `scope`. */
type ChallengeAttributes = Readonly<Record<string, string>>;

interface ChallengeOptions {
  /** How the client presented its access token. Without one, the challenge has no error (RFC 6750 §3). */
  readonly presentedScheme?: AccessScheme | undefined;
  /** Set if the caller lacks something that the token itself does not have. Default: by the code. */
  readonly attributes?: ChallengeAttributes | undefined;
}

/** `WWW-Authenticate` of a refused access token: RFC 6750 §3, RFC 9449 §7.1, RFC 9470 §3. */
export function accessTokenChallenge(code: ErrorCode, { presentedScheme, attributes }: ChallengeOptions): string {
  const isDpop = isProofError(code) || presentedScheme === 'DPoP';
  const own = presentedScheme === 'DPoP' ? proofError(code) : undefined;
  const shown = presentedScheme === undefined ? undefined : (own ?? attributes ?? tokenError(code));
  const all = Object.entries({ realm: 'latchkey', ...(isDpop ? { algs: proofConstants.algorithm } : {}), ...shown });
  return `${isDpop ? 'DPoP' : 'Bearer'} ${all.map(([name, value]) => `${name}="${value}"`).join(', ')}`;
}

const isProofError = (code: ErrorCode): boolean => proofError(code) !== undefined;

function proofError(code: ErrorCode): ChallengeAttributes | undefined {
  if (code === 'use_dpop_nonce') return { error: 'use_dpop_nonce' };
  return code === 'proof_required' || code === 'proof_invalid' ? { error: 'invalid_dpop_proof' } : undefined;
}

function tokenError(code: ErrorCode): ChallengeAttributes | undefined {
  if (code === 'reauthentication_required') return { error: 'insufficient_user_authentication' };
  const isInvalid = code === 'unauthenticated' || isProofError(code) || shouldClearToken(code);
  return isInvalid ? { error: 'invalid_token' } : undefined;
}
