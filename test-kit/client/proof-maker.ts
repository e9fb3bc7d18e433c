import { createHash, randomUUID } from 'node:crypto';
import { type CryptoKey, calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';

/** A browser's key, and the proofs that it makes. */
export interface ProofMaker {
  readonly jkt: string;
  readonly jwk: JWK;
  readonly privateKey: CryptoKey;
  /** A member that is not given is as a good proof of `GET https://api.test/things` has it; `undefined` leaves a claim out. */
  make(claims?: object, header?: object): Promise<string>;
}

export const address = 'https://api.test/things';

export const hashOf = (credential: string) => createHash('sha256').update(credential).digest('base64url');

export async function createProofMaker(): Promise<ProofMaker> {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true });
  const jwk = await exportJWK(publicKey);
  return Object.freeze<ProofMaker>({
    jkt: await calculateJwkThumbprint(jwk),
    jwk,
    privateKey,
    make: (claims = {}, header = {}) =>
      new SignJWT({
        ...{ jti: randomUUID(), htm: 'GET', htu: address, iat: Math.floor(Date.now() / 1_000) },
        ...(claims as Record<string, unknown>),
      })
        .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk, ...header })
        .sign(privateKey),
  });
}
