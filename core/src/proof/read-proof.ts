import type { KeyObject } from 'node:crypto';
import { maxProofLength, type ProofClaims, proofConstants, tokenTypes } from '@latchkey/contract';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { ecPublicJwk, jwkThumbprint, toPublicKey } from '../jwt/jwk.ts';
import { verifyJwt } from '../jwt/verify-jwt.ts';

/** A proof whose signature is good: by which key, and what it says. */
export interface Proof {
  /** RFC 7638 thumbprint of the key. */
  readonly jkt: string;
  readonly claims: Readonly<ProofClaims>;
}

const headerSchema = z.looseObject({
  typ: z.literal(tokenTypes.proof),
  alg: z.literal(proofConstants.algorithm),
  jwk: ecPublicJwk,
  // No extension is understood (RFC 7515 §4.1.11).
  crit: z.undefined().optional(),
});

const claimsSchema = z.looseObject({
  jti: z.string().min(1).max(256),
  htm: z.string().min(1).max(32),
  htu: z.string().min(1).max(2_048),
  iat: z.number().min(0),
  ath: z.string().max(64).optional(),
  nonce: z.string().min(1).max(256).optional(),
});

/** The key in a header. */
interface ProofKey {
  readonly key: KeyObject;
  readonly jkt: string;
}

/** Headers whose keys are kept: a browser's proofs all have the same one, and a key takes longer to import than to use. */
const maxCachedKeys = 1_000;

/**
 * Reads a proof: type, algorithm, a public P-256 key in its header, the signature by that key, and the shape of its
 * claims (RFC 9449 §4.3, checks 2 to 7). Whatever else was sent is `undefined`; it never throws.
 */
type ReadProof = (jwt: string) => Proof | undefined;

export function createReadProof(): ReadProof {
  const keys = new LRUCache<string, ProofKey>({ max: maxCachedKeys });
  return (jwt) => {
    if (jwt.length > maxProofLength) return undefined;
    const header = jwt.slice(0, Math.max(0, jwt.indexOf('.')));
    try {
      const { key, jkt } = keys.get(header) ?? importProofKey(header);
      const claims = claimsSchema.parse(verifyJwt(jwt, key, { algorithm: proofConstants.algorithm })) as ProofClaims;
      keys.set(header, { key, jkt });
      return Object.freeze({ jkt, claims: Object.freeze(claims) });
    } catch {
      // Their messages repeat what was sent.
      return undefined;
    }
  };
}

function importProofKey(header: string): ProofKey {
  const { jwk } = headerSchema.parse(JSON.parse(Buffer.from(header, 'base64url').toString()));
  return { key: toPublicKey(jwk), jkt: jwkThumbprint(jwk) };
}
