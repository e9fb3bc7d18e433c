import type { ProofKey } from '@latchkey/contract';
import { hashOf } from '../platform/hash.ts';

/** The browser's key, ready for use: the private half can sign, and cannot be read. */
export interface KeyPair {
  readonly privateKey: CryptoKey;
  /** What the header of a proof shows. */
  readonly jwk: ProofKey;
  /** RFC 7638 thumbprint of {@link KeyPair.jwk}, base64url. */
  readonly thumbprint: string;
}

const kind = { name: 'ECDSA', namedCurve: 'P-256' };

/** A fresh pair whose private half can never be exported. */
export function generatePair(subtle: SubtleCrypto): Promise<CryptoKeyPair> {
  return subtle.generateKey(kind, false, ['sign']);
}

/** True for a pair as {@link generatePair} makes it; a storage may hold anything. */
export function isPair(value: unknown): value is CryptoKeyPair {
  const { privateKey, publicKey } = (value ?? {}) as Partial<CryptoKeyPair>;
  const isP256 = (privateKey?.algorithm as EcKeyAlgorithm | undefined)?.namedCurve === kind.namedCurve;
  return isP256 && privateKey?.extractable === false && publicKey?.type === 'public';
}

/** Reads the public half. */
export async function openPair({ privateKey, publicKey }: CryptoKeyPair, subtle: SubtleCrypto): Promise<KeyPair> {
  const { x = '', y = '' } = await subtle.exportKey('jwk', publicKey);
  const [crv, kty] = ['P-256', 'EC'] as const;
  // RFC 7638 §3: these members, in this order, without a space.
  const thumbprint = await hashOf(JSON.stringify({ crv, kty, x, y }), subtle);
  return { privateKey, jwk: { kty, crv, x, y }, thumbprint };
}
