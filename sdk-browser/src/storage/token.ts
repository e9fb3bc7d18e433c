import { maxCredentialLength } from '@latchkey/contract';

/** What the SDK reads from a token. Decoded, not verified: only the service can do that. */
export interface StoredToken {
  readonly token: string;
  readonly sid: string;
  readonly gen: number;
}

/** The payload of a JWT, decoded and not verified. Throws for anything else. */
export function decodeClaims(token: string): unknown {
  const payload = token.split('.')[1] ?? '';
  const bytes = atob(payload.replaceAll('-', '+').replaceAll('_', '/'));
  return JSON.parse(new TextDecoder().decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0))));
}

function isSessionId(value: unknown): value is string {
  return typeof value === 'string' && /^[\w-]{1,64}$/.test(value);
}

/** The session and generation of a token, or nothing when it is not one. */
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

/** True for an access token that is bound to a key (RFC 9449 §6.1). Decoded, not verified, as above. */
export function isBound(accessToken: string): boolean {
  try {
    return (decodeClaims(accessToken) as { cnf?: { jkt?: unknown } }).cnf?.jkt !== undefined;
  } catch {
    return false;
  }
}

/** True when `other` should be shown instead of `held`: a later generation, or another session altogether. */
export function isNewer(other: StoredToken, held: { readonly sid: string; readonly gen: number }): boolean {
  return other.sid !== held.sid || other.gen > held.gen;
}
