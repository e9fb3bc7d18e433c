import { type ProofClaims, proofConstants } from '@latchkey/contract';
import { sha256Base64url } from '../platform/hash.ts';
import { randomBase64url, toBase64url } from '../platform/random.ts';
import type { ProofKeyPair } from './key-pair.ts';

/** What one proof is for. */
export interface ProofUse {
  /** The request's method, or `SOCKET`. */
  readonly method: string;
  /** The request's URL, or the origin of the socket server that this browser opened. */
  readonly url: string;
  /** The server's newest nonce. */
  readonly nonce?: string | undefined;
  /** On a socket, in place of a nonce: the connection's engine id, whose SHA-256 the proof names. */
  readonly connectionId?: string | undefined;
  /** The code, token or access token that the proof comes with; none at the token endpoint. */
  readonly credential?: string | undefined;
}

const jtiBytes = 16;

function encode(part: object): string {
  return toBase64url(new TextEncoder().encode(JSON.stringify(part)));
}

/** RFC 9449 §4.2: without query and fragment. */
function toHtu(url: string): string {
  return url.split(/[?#]/, 1)[0] as string;
}

/** A proof of possession: a signed `dpop+jwt` (RFC 9449 §4.2) for one use, at `seconds` of the service's time. */
export async function makeProof(
  pair: ProofKeyPair,
  use: ProofUse,
  seconds: number,
  subtle: SubtleCrypto,
): Promise<string> {
  const { method, url, connectionId, credential } = use;
  const nonce = connectionId === undefined ? use.nonce : await sha256Base64url(connectionId, subtle);
  const claims: ProofClaims = {
    jti: randomBase64url(jtiBytes),
    htm: method,
    htu: toHtu(url),
    iat: seconds,
    ...(nonce === undefined ? {} : { nonce }),
    ...(credential === undefined ? {} : { ath: await sha256Base64url(credential, subtle) }),
  };
  const text = `${encode({ typ: 'dpop+jwt', alg: proofConstants.algorithm, jwk: pair.jwk })}.${encode(claims)}`;
  // WebCrypto signs as JWS wants it: r and s, 32 bytes each (RFC 7518 §3.4).
  const how = { name: 'ECDSA', hash: 'SHA-256' };
  const signature = await subtle.sign(how, pair.privateKey, new TextEncoder().encode(text));
  return `${text}.${toBase64url(new Uint8Array(signature))}`;
}
