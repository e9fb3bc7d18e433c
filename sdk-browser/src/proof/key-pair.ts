import type { ProofKey } from '@latchkey/contract';
import { sha256Base64url } from '../platform/hash.ts';

/** The key pair of the browser. The private key is not extractable. */
export interface ProofKeyPair {
  readonly privateKey: CryptoKey;
  /** The public key in the header of a proof. */
  readonly jwk: ProofKey;
  /** RFC 7638 thumbprint of {@link ProofKeyPair.jwk}, base64url. */
  readonly thumbprint: string;
}

const kind = { name: 'ECDSA', namedCurve: 'P-256' };

/** Generates a key pair whose private key cannot be exported. */
export function generateKeyPair(subtle: SubtleCrypto): Promise<CryptoKeyPair> {
  return subtle.generateKey(kind, false, ['sign']);
}

/** True for a pair of {@link generateKeyPair}. A storage may hold other values. */
export function isKeyPair(value: unknown): value is CryptoKeyPair {
  const { privateKey, publicKey } = (value ?? {}) as Partial<CryptoKeyPair>;
  const isP256 = (privateKey?.algorithm as EcKeyAlgorithm | undefined)?.namedCurve === kind.namedCurve;
  return isP256 && privateKey?.extractable === false && publicKey?.type === 'public';
}

/** Exports the public key and computes its thumbprint. */
export async function toProofKeyPair(
  { privateKey, publicKey }: CryptoKeyPair,
  subtle: SubtleCrypto,
): Promise<ProofKeyPair> {
  const { x = '', y = '' } = await subtle.exportKey('jwk', publicKey);
  const [crv, kty] = ['P-256', 'EC'] as const;
  // RFC 7638 §3: these members, in this order, without a space.
  const thumbprint = await sha256Base64url(JSON.stringify({ crv, kty, x, y }), subtle);
  return { privateKey, jwk: { kty, crv, x, y }, thumbprint };
}
