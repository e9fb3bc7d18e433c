import { createHash, randomBytes } from 'node:crypto';

/** A rotation key: 16 random bytes. */
export const newRotationKey = (): string => randomBytes(16).toString('base64url');

/** A verifier and its challenge (RFC 7636, S256). */
interface Pkce {
  readonly verifier: string;
  readonly challenge: string;
}

/** Makes a verifier of 32 random bytes. */
export function newPkce(): Pkce {
  const verifier = randomBytes(32).toString('base64url');
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') };
}
