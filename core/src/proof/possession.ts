import { type AccessClaims, type AccessScheme, fail } from '@latchkey/contract';
import type { ProofTarget } from './check-proof-claims.ts';

/** An access token as it was shown (RFC 9449 §7.1). */
export interface PresentedToken {
  readonly token: string;
  /** `undefined`: not as an access token at all. */
  readonly scheme: AccessScheme | undefined;
  /** The proof in the header `DPoP`. */
  readonly proof: string | undefined;
}

/** Which request a token was shown with: its method, and the URLs under which it may have been sent. */
export type PresentedAt = Pick<ProofTarget, 'htm' | 'htu'>;

/**
 * The rule of RFC 9449 §7: a token that is bound to a key comes as `DPoP` with a proof by that key, any other as `Bearer`.
 * Resolves when it is kept.
 *
 * @throws unauthenticated as `DPoP`, but not bound · proof_required as `Bearer`, or without a proof · proof_invalid · use_dpop_nonce
 */
export type PossessionCheck = (
  claims: Pick<AccessClaims, 'cnf'>,
  shown: PresentedToken,
  at: PresentedAt,
) => Promise<void>;

/** @param check one proof: the thumbprint of its key */
export function createPossessionCheck(check: (proof: string, target: ProofTarget) => Promise<string>): PossessionCheck {
  return async ({ cnf }, { token, scheme, proof }, at) => {
    if (cnf === undefined && scheme === 'Bearer') return;
    if (cnf === undefined) throw fail('unauthenticated', { reason: 'scheme_wrong', detail: 'not bound to a key' });
    if (scheme !== 'DPoP' || proof === undefined) throw fail('proof_required', { reason: 'proof_missing' });
    const jkt = await check(proof, { ...at, credential: token });
    if (jkt !== cnf.jkt) throw fail('proof_invalid', { reason: 'proof_unfit', detail: 'of another key' });
  };
}
