import { sha256Base64url } from '../platform/hash.ts';
import { randomBase64url } from '../platform/random.ts';

/** PKCE (RFC 7636): the challenge is sent with the sign-in, the verifier with its code. */
interface Pkce {
  readonly verifier: string;
  readonly challenge: string;
}

const verifierBytes = 32;

/** Creates a verifier and its S256 challenge. Rejects with `unavailable` as {@link sha256Base64url} does: only on plain http. */
export async function createPkce(subtle: SubtleCrypto | undefined = globalThis.crypto?.subtle): Promise<Pkce> {
  const verifier = randomBase64url(verifierBytes);
  return { verifier, challenge: await sha256Base64url(verifier, subtle) };
}
