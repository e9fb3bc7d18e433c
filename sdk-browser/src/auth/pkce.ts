import { sha256Base64url } from '../platform/hash.ts';
import { randomBase64url } from '../platform/random.ts';

const verifierBytes = 32;

/**
 * Creates a verifier and its S256 challenge (RFC 7636): the challenge is sent with the sign-in, the verifier with its code. Rejects
 * with `unavailable` as {@link sha256Base64url} does: only on plain http.
 */
export async function createPkce(subtle: SubtleCrypto | undefined = globalThis.crypto?.subtle) {
  const verifier = randomBase64url(verifierBytes);
  return { verifier, challenge: await sha256Base64url(verifier, subtle) };
}
