import { hashOf } from '../platform/hash.ts';
import { randomBase64url } from '../platform/random.ts';

/** Proof of possession of a sign-in code (RFC 7636): the challenge goes first, the verifier with the code. */
export interface Pkce {
  readonly verifier: string;
  readonly challenge: string;
}

const verifierBytes = 32;

/** A fresh verifier and its S256 challenge. Throws where WebCrypto is missing, which is: on plain http. */
export async function createPkce(subtle: SubtleCrypto | undefined = globalThis.crypto?.subtle): Promise<Pkce> {
  if (subtle === undefined) {
    throw new TypeError('Signing in needs WebCrypto: serve the page over https, or from localhost or 127.0.0.1.');
  }
  const verifier = randomBase64url(verifierBytes);
  return { verifier, challenge: await hashOf(verifier, subtle) };
}
