import { maxCredentialLength } from '@latchkey/contract';

/** A token with its session id and generation. Decoded, not verified: only the service can verify it. */
export interface StoredToken {
  readonly token: string;
  readonly sid: string;
  readonly gen: number;
}

/** Returns the payload of a JWT, decoded and not verified. Throws if it cannot be decoded. */
export function decodeClaims(token: string): unknown {
  const payload = token.split('.')[1] ?? '';
  const bytes = atob(payload.replaceAll('-', '+').replaceAll('_', '/'));
  return JSON.parse(new TextDecoder().decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0))));
}

function isSessionId(value: unknown): value is string {
  return typeof value === 'string' && /^[\w-]{1,64}$/.test(value);
}

/** Decodes a token. Returns `undefined` if it is not one. */
export function decodeToken(token: unknown): StoredToken | undefined {
  if (typeof token !== 'string' || token.length > maxCredentialLength || token.split('.').length !== 3)
    return undefined;
  try {
    const { sid, gen } = decodeClaims(token) as { sid?: unknown; gen?: unknown };
    return isSessionId(sid) && Number.isSafeInteger(gen) && (gen as number) >= 0
      ? { token, sid, gen: gen as number }
      : undefined;
  } catch {
    return undefined;
  }
}

/** True for an access token that is bound to a key (RFC 9449 §6.1). It is decoded, not verified. */
export function isBound(accessToken: string): boolean {
  try {
    return (decodeClaims(accessToken) as { cnf?: { jkt?: unknown } }).cnf?.jkt !== undefined;
  } catch {
    return false;
  }
}

/** True if `other` replaces `held`: it is a later generation, or of another session. */
export function isNewer(other: StoredToken, held: { readonly sid: string; readonly gen: number }): boolean {
  return other.sid !== held.sid || other.gen > held.gen;
}
