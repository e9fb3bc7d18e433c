import type { ProofClaims } from '@latchkey/contract';
import { sha256Base64url } from '../platform/hash.ts';
import { randomBase64url, toBase64url } from '../platform/random.ts';
import type { ProofKeyPair } from './key-pair.ts';

/** The request or connection that a proof is for. */
export interface ProofUse {
  /** The request's method, or `SOCKET`. */
  readonly method: string;
  /** URL of the request, or origin of the socket server. */
  readonly url: string;
  /** The server's newest nonce. */
  readonly nonce?: string | undefined;
  /** On a socket: the engine id of the connection. The proof has its SHA-256 as `nonce`. */
  readonly connectionId?: string | undefined;
  /** The code, token or access token of the request. Absent at the token endpoint. */
  readonly credential?: string | undefined;
}

const jtiBytes = 16;

function encode(part: object): string {
  return toBase64url(new TextEncoder().encode(JSON.stringify(part)));
}

/** Returns a URL without query and fragment (RFC 9449 §4.2). */
function toHtu(url: string): string {
  return url.split(/[?#]/, 1)[0] as string;
}

/** Creates a proof of possession: a signed `dpop+jwt` (RFC 9449 §4.2) for one use, issued at `seconds` of the service's clock. */
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
  const text = `${encode({ typ: 'dpop+jwt', alg: 'ES256', jwk: pair.jwk })}.${encode(claims)}`;
  // WebCrypto returns the signature in the format of JWS: r and s, 32 bytes each (RFC 7518 §3.4).
  const how = { name: 'ECDSA', hash: 'SHA-256' };
  const signature = await subtle.sign(how, pair.privateKey, new TextEncoder().encode(text));
  return `${text}.${toBase64url(new Uint8Array(signature))}`;
}
