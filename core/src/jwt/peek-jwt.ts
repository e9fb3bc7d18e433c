import { maxCredentialLength } from '@latchkey/contract';

/** The header of a compact JWS, not verified. */
export interface JwtHeader {
  readonly alg: string;
  readonly typ: string;
  readonly kid: string;
}

/**
 * Reads `alg`, `typ` and `kid` without verification. Returns `undefined` if the text has no such header, is too long, or
 * has `crit`, because no extension is supported (RFC 7515 §4.1.11).
 */
export function peekJwtHeader(token: string): JwtHeader | undefined {
  const end = token.indexOf('.');
  if (end < 1 || token.length > maxCredentialLength) return undefined;
  const header = decodeJson(token.slice(0, end));
  return isHeader(header) ? header : undefined;
}

/** Reads the payload without verification. Returns `undefined` if it is no JSON object. */
export function peekJwtPayload(token: string): Readonly<Record<string, unknown>> | undefined {
  const payload = decodeJson(token.split('.')[1] ?? '');
  return typeof payload === 'object' && payload !== null ? (payload as Record<string, unknown>) : undefined;
}

function decodeJson(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString());
  } catch {
    return undefined;
  }
}

function isHeader(header: unknown): header is JwtHeader {
  if (typeof header !== 'object' || header === null || 'crit' in header) return false;
  const { alg, typ, kid } = header as Record<string, unknown>;
  return typeof alg === 'string' && typeof typ === 'string' && typeof kid === 'string';
}
