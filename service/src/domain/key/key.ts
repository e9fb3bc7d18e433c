import { createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { sha256, toBase64url } from '../../base/bytes.ts';

/** `next` is published and signs nothing yet, `current` signs, `previous` only verifies until its last token has ended. */
export type KeyState = 'next' | 'current' | 'previous';

/** Public half of a signing key as it is published (RFC 7517); never holds `d`. */
export interface PublicJwk extends PublicPoint {
  readonly kid: string;
  readonly alg: 'ES256';
  readonly use: 'sig';
}

export interface PublicPoint {
  readonly kty: 'EC';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
}

export interface SigningKeyPair {
  readonly kid: string;
  readonly point: PublicPoint;
  readonly privateKey: KeyObject;
}

const generate = promisify(generateKeyPair);

/** A fresh ES256 pair (RFC 7518 §3.4). */
export async function generateSigningKeyPair(): Promise<SigningKeyPair> {
  const { privateKey } = await generate('ec', { namedCurve: 'P-256' });
  const point = toPublicPoint(privateKey);
  return { kid: thumbprint(point), point, privateKey };
}

/** The public half of either half, member by member. */
export function toPublicPoint(key: KeyObject): PublicPoint {
  // Exporting a private key would give `d` as well.
  const { x, y } = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'jwk' });
  return { kty: 'EC', crv: 'P-256', x: x!, y: y! };
}

/** RFC 7638: the members that are required, in lexical order, no spaces. */
export function thumbprint({ crv, kty, x, y }: PublicPoint): string {
  return toBase64url(sha256(JSON.stringify({ crv, kty, x, y })));
}

export function toPublicKey({ crv, kty, x, y }: PublicPoint): KeyObject {
  return createPublicKey({ key: { crv, kty, x, y }, format: 'jwk' });
}

export function toPublicJwk(kid: string, { kty, crv, x, y }: PublicPoint): PublicJwk {
  return Object.freeze({ kty, crv, x, y, kid, alg: 'ES256', use: 'sig' });
}
