import { createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { type EcPublicJwk, jwkThumbprint } from '@latchkey/core/internal';

/** `next` is published and signs nothing yet, `current` signs, `previous` only verifies until its last token has ended. */
export type KeyState = 'next' | 'current' | 'previous';

/** Public half of a signing key as it is published (RFC 7517); never holds `d`. */
export interface PublicJwk extends EcPublicJwk {
  readonly kid: string;
  readonly alg: 'ES256';
  readonly use: 'sig';
}

export interface SigningKeyPair {
  readonly kid: string;
  readonly point: EcPublicJwk;
  readonly privateKey: KeyObject;
}

const generate = promisify(generateKeyPair);

/** A fresh ES256 pair (RFC 7518 §3.4). */
export async function generateSigningKeyPair(): Promise<SigningKeyPair> {
  const { privateKey } = await generate('ec', { namedCurve: 'P-256' });
  const point = toPublicPoint(privateKey);
  return { kid: jwkThumbprint(point), point, privateKey };
}

/** The public half of either half, member by member. */
export function toPublicPoint(key: KeyObject): EcPublicJwk {
  // Exporting a private key would give `d` as well.
  const { x, y } = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'jwk' });
  return { kty: 'EC', crv: 'P-256', x: x!, y: y! };
}

export function toPublicJwk(kid: string, { kty, crv, x, y }: EcPublicJwk): PublicJwk {
  return Object.freeze({ kty, crv, x, y, kid, alg: 'ES256', use: 'sig' });
}
