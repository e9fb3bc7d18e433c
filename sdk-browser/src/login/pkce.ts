import { sha256Base64url } from '../platform/hash.ts';
import { randomBase64url } from '../platform/random.ts';

/** Proof of possession of a sign-in code (RFC 7636): the challenge goes first, the verifier with the code. */
interface Pkce {
  readonly verifier: string;
  readonly challenge: string;
}

const verifierBytes = 32;

/** A fresh verifier and its S256 challenge. Rejects with `unavailable` as {@link sha256Base64url} does: only on plain http. */
export async function createPkce(subtle: SubtleCrypto | undefined = globalThis.crypto?.subtle): Promise<Pkce> {
  const verifier = randomBase64url(verifierBytes);
  return { verifier, challenge: await sha256Base64url(verifier, subtle) };
}
