import { maxCredentialLength } from '@latchkey/contract';

/** The header of a compact JWS, read before anything is believed. */
export interface JwtHeader {
  readonly alg: string;
  readonly typ: string;
  readonly kid: string;
}

/**
 * Reads `alg`, `typ` and `kid`; `undefined` for anything that is no such header. `crit` is refused, since no extension
 * is understood (RFC 7515 §4.1.11).
 */
export function peekJwtHeader(token: string): JwtHeader | undefined {
  const end = token.indexOf('.');
  if (end < 1 || token.length > maxCredentialLength) return undefined;
  try {
    const header: unknown = JSON.parse(Buffer.from(token.slice(0, end), 'base64url').toString('utf8'));
    return isHeader(header) ? header : undefined;
  } catch {
    return undefined;
  }
}

function isHeader(header: unknown): header is JwtHeader {
  if (typeof header !== 'object' || header === null || 'crit' in header) return false;
  const { alg, typ, kid } = header as Record<string, unknown>;
  return typeof alg === 'string' && typeof typ === 'string' && typeof kid === 'string';
}
