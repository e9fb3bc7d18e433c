import { createHash, generateKeyPairSync, randomUUID } from 'node:crypto';
import { type ProofClaims, type ProofKey, proofConstants, tokenTypes } from '@latchkey/contract';
import { jwkThumbprint } from '@latchkey/core/internal';
import jwt from 'jsonwebtoken';

/** The key of a browser, and the proofs that it makes on a socket (RFC 9449). */
export interface BrowserKey {
  /** Thumbprint of the key, for `dpop_jkt`. */
  readonly thumbprint: string;
  /** Proves that this browser shows the credential, on this connection. */
  readonly prove: (shown: {
    readonly credential: string;
    readonly origin: string;
    readonly engineId: string;
  }) => string;
}

const hash = (text: string) => createHash('sha256').update(text).digest('base64url');

/** Makes a key of its own. */
export function createBrowserKey(): BrowserKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = publicKey.export({ format: 'jwk' }) as unknown as ProofKey;
  const header = { typ: tokenTypes.proof, alg: proofConstants.algorithm, jwk };
  return Object.freeze<BrowserKey>({
    thumbprint: jwkThumbprint(jwk),
    prove({ credential, origin, engineId }) {
      const claims = {
        ...{ jti: randomUUID(), htm: proofConstants.socketMethod, htu: origin },
        ...{ ath: hash(credential), nonce: hash(engineId) },
      } satisfies Omit<ProofClaims, 'iat'>;
      return jwt.sign(claims, privateKey, { algorithm: proofConstants.algorithm, header });
    },
  });
}
