import { createHmac, type KeyObject } from 'node:crypto';
import { constantTimeEqual, fromBase64url, toBase64url } from '../../base/bytes.ts';

/** A challenge to the service, by a caller that has one of its secrets. */
export interface RequestProof {
  /** Chosen by the caller anew for each request. */
  readonly nonce: string;
  /** HMAC-SHA256 of the nonce, base64url. */
  readonly proof: string;
}

const mac = (key: KeyObject, use: 'request' | 'answer', nonce: string) =>
  createHmac('sha256', key).update(`${use} ${nonce}`).digest();

/**
 * Proves a request by a key that is derived from a secret of the service. It needs no clock, because a repeated request gives
 * no more than the first one.
 *
 * @example
 * const [key] = secrets.keys('request-probe');
 * const { nonce, proof } = proveRequest(key, randomNonce);
 */
export function proveRequest(key: KeyObject, nonce: string): RequestProof {
  return { nonce, proof: toBase64url(mac(key, 'request', nonce)) };
}

/** The answer of the service to a proof: an HMAC by the same key. `undefined`: no key made the proof. */
export function answerProof(keys: readonly KeyObject[], { nonce, proof }: RequestProof): string | undefined {
  const shown = fromBase64url(proof);
  const key = keys.find((candidate) => constantTimeEqual(mac(candidate, 'request', nonce), shown));
  return key && toBase64url(mac(key, 'answer', nonce));
}

/** Whether the answer to a nonce was made by this key. */
export function isProofAnswer(key: KeyObject, nonce: string, answer: string): boolean {
  return constantTimeEqual(mac(key, 'answer', nonce), fromBase64url(answer));
}
