import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { bytes32Pattern } from '@latchkey/contract';
import { z } from 'zod';

/** A public P-256 key (RFC 7518 §6.2.1). */
export interface EcPublicJwk {
  readonly kty: 'EC';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
}

const coordinate = z.string().regex(bytes32Pattern);
const never = z.undefined().optional();

/** Members of private and symmetric keys (RFC 7518 §6). A public key with one of them is rejected (RFC 9449 §4.3). */
const noSecrets = { d: never, p: never, q: never, dp: never, dq: never, qi: never, oth: never, k: never };

/** A public P-256 key for signatures. */
export const ecPublicJwk = z.looseObject({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: coordinate,
  y: coordinate,
  use: z.literal('sig').optional(),
  key_ops: z
    .array(z.string())
    .refine((operations) => operations.includes('verify'))
    .optional(),
  ...noSecrets,
});

/** @throws Error the point is not on the curve */
export function toPublicKey({ kty, crv, x, y }: EcPublicJwk): KeyObject {
  return createPublicKey({ key: { kty, crv, x, y }, format: 'jwk' });
}

/** RFC 7638 thumbprint: the required members in lexical order, without spaces. */
export function jwkThumbprint({ kty, crv, x, y }: EcPublicJwk): string {
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
}
