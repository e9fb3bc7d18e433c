import { bytes32Pattern, maxProofLength, type ProofClaims, proofConstants, tokenTypes } from '@latchkey/contract';
import { type CryptoKey, calculateJwkThumbprint, compactVerify, EmbeddedJWK, type JWSHeaderParameters } from 'jose';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';

/** A proof whose signature is good: by which key, and what it says. */
export interface Proof {
  /** RFC 7638 thumbprint of the key. */
  readonly jkt: string;
  readonly claims: Readonly<ProofClaims>;
}

const coordinate = z.string().regex(bytes32Pattern);
const never = z.undefined().optional();

/** What only private and symmetric keys have (RFC 7518 §6); none of it may stand in a proof (RFC 9449 §4.3). */
const noSecrets = { d: never, p: never, q: never, dp: never, dq: never, qi: never, oth: never, k: never };

const headerSchema = z.looseObject({
  typ: z.literal(tokenTypes.proof),
  alg: z.literal(proofConstants.algorithm),
  jwk: z.looseObject({
    kty: z.literal('EC'),
    crv: z.literal('P-256'),
    x: coordinate,
    y: coordinate,
    ...noSecrets,
  }),
  // No extension is understood (RFC 7515 §4.1.11).
  crit: never,
});

const claimsSchema = z.looseObject({
  jti: z.string().min(1).max(256),
  htm: z.string().min(1).max(32),
  htu: z.string().min(1).max(2_048),
  iat: z.number().min(0),
  ath: z.string().max(64).optional(),
  nonce: z.string().min(1).max(256).optional(),
});

/** Whose signature a header calls for. */
interface ProofSigner {
  readonly key: CryptoKey;
  readonly jkt: string;
}

/** Headers whose keys are kept: a browser's proofs all have the same one, and a key takes longer to import than to use. */
const maxCachedKeys = 1_000;

/**
 * Reads a proof: type, algorithm, a public P-256 key in its header, the signature by that key, and the shape of its
 * claims (RFC 9449 §4.3, checks 2 to 7). Whatever else was sent is `undefined`; it never throws.
 */
type ReadProof = (jwt: string) => Promise<Proof | undefined>;

export function createReadProof(): ReadProof {
  const signers = new LRUCache<string, ProofSigner>({ max: maxCachedKeys });
  return async (jwt) => {
    if (jwt.length > maxProofLength) return undefined;
    const header = jwt.slice(0, Math.max(0, jwt.indexOf('.')));
    try {
      const signer = signers.get(header) ?? (await importProofKey(header));
      const { payload } = await compactVerify(jwt, signer.key, { algorithms: [proofConstants.algorithm] });
      const claims = claimsSchema.parse(JSON.parse(utf8.decode(payload))) as ProofClaims;
      signers.set(header, signer);
      return Object.freeze({ jkt: signer.jkt, claims: Object.freeze(claims) });
    } catch {
      // Their messages repeat what was sent.
      return undefined;
    }
  };
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

async function importProofKey(header: string): Promise<ProofSigner> {
  const parsed: JWSHeaderParameters = JSON.parse(Buffer.from(header, 'base64url').toString());
  const { kty, crv, x, y } = headerSchema.parse(parsed).jwk;
  return { key: await EmbeddedJWK(parsed), jkt: await calculateJwkThumbprint({ kty, crv, x, y }) };
}
