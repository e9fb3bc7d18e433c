import { randomUUID } from 'node:crypto';
import { type AccessClaims, reservedClaims, tokenTypes } from '@latchkey/contract';
import jwt from 'jsonwebtoken';
import type { Keys } from '../key/keys.ts';
import type { LiveSession } from '../session/session.ts';

export interface AccessTokenOptions {
  readonly issuer: string;
  readonly audience: string;
  readonly expiresInSeconds: number;
}

/** What every access token of this service names as its client: first-party browsers have no other identity. */
export const clientId = 'latchkey';

/**
 * Claims of a session's access token (RFC 9068). Times count from the moment the database proved the row alive; the
 * life differs by ±5 %, and never goes past the session's end.
 */
export function accessClaims(session: LiveSession, options: AccessTokenOptions, chance: number): AccessClaims {
  const iat = Math.floor(session.provedAtMs / 1_000);
  const life = Math.round(options.expiresInSeconds * (0.95 + 0.1 * chance));
  const exp = Math.min(iat + life, Math.floor(session.expiresAtMs / 1_000));
  return {
    ...session.claims,
    iss: options.issuer,
    sub: session.userId,
    aud: options.audience,
    exp,
    iat,
    jti: randomUUID(),
    client_id: clientId,
    sid: session.sid,
    tid: session.tenantId,
    auth_time: session.authTime,
    amr: [...session.amr],
    ...(session.jkt === null ? {} : { cnf: { jkt: session.jkt } }),
  };
}

/** Signs with ES256; `extra` never replaces what the service says. */
export function signAccessToken(
  claims: AccessClaims,
  extra: Record<string, unknown>,
  key: ReturnType<Keys['current']>,
): string {
  const own = Object.fromEntries(Object.entries(extra).filter(([name]) => !isReserved(name)));
  return jwt.sign({ ...own, ...claims }, key.privateKey, {
    algorithm: 'ES256',
    header: { alg: 'ES256', typ: tokenTypes.access, kid: key.kid },
  });
}

const reserved: ReadonlySet<string> = new Set(reservedClaims);

function isReserved(name: string): boolean {
  return reserved.has(name);
}
