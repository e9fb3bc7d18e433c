import { type KeyObject, randomUUID, sign } from 'node:crypto';
import { promisify } from 'node:util';
import { type AccessClaims, adminAudience, reservedClaims, tokenTypes } from '@latchkey/contract';
import { toBase64url } from '../../base/bytes.ts';
import type { SigningKeys } from '../key/keys.ts';
import type { LiveSession } from '../session/session.ts';

export interface AccessTokenOptions {
  readonly issuer: string;
  readonly audience: string;
  readonly expiresInSeconds: number;
}

/** What every access token of this service names as its client: first-party browsers have no other identity. */
const firstPartyClientId = 'latchkey';

/**
 * Claims of a session's access token (RFC 9068). Times count from the moment the database proved the row alive; the
 * life differs by ±5 %, and never goes past the session's end.
 *
 * @param scope granted scopes, separated by spaces; `''`: none
 */
export function accessClaims(
  session: LiveSession,
  scope: string,
  options: AccessTokenOptions,
  random: number,
): AccessClaims {
  const iat = Math.floor(session.readAtMs / 1_000);
  const life = Math.round(options.expiresInSeconds * (0.95 + 0.1 * random));
  const exp = Math.min(iat + life, Math.floor(session.expiresAtMs / 1_000));
  return {
    ...session.claims,
    iss: options.issuer,
    sub: session.userId,
    aud: options.audience,
    exp,
    iat,
    jti: randomUUID(),
    client_id: firstPartyClientId,
    sid: session.sid,
    tid: session.tenantId,
    auth_time: session.authTime,
    amr: [...session.amr],
    ...(scope === '' ? {} : { scope }),
    ...(session.jkt === null ? {} : { cnf: { jkt: session.jkt } }),
  };
}

/** How long an admin token lives at most, in seconds. */
const maxAdminLifeSeconds = 300;

/** Claims of an operator's token: for `/admin` alone, and without scopes and what the `claim` hook says. */
export function adminClaims(session: LiveSession, options: AccessTokenOptions, random: number): AccessClaims {
  const expiresInSeconds = Math.min(options.expiresInSeconds, maxAdminLifeSeconds / 1.05);
  const ofAdmin = { ...options, audience: adminAudience(options.issuer), expiresInSeconds };
  return accessClaims({ ...session, claims: {} }, '', ofAdmin, random);
}

/** Signs with ES256; `extra` never replaces what the service says. */
export function signAccessToken(
  claims: AccessClaims,
  extra: Record<string, unknown>,
  key: ReturnType<SigningKeys['current']>,
): Promise<string> {
  const own = Object.fromEntries(Object.entries(extra).filter(([name]) => !isReserved(name)));
  return signCompact({ alg: 'ES256', typ: tokenTypes.access, kid: key.kid }, { ...own, ...claims }, key.privateKey);
}

const signOffThread = promisify(sign);

/**
 * JWS compact serialisation (RFC 7515 §3.1, §7.1). The signature is made off the main thread, which jsonwebtoken cannot:
 * a quarter of the time on the thread that serves every socket.
 */
async function signCompact(header: object, payload: object, key: KeyObject): Promise<string> {
  const input = `${encoded(header)}.${encoded(payload)}`;
  const signature = await signOffThread('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' });
  return `${input}.${toBase64url(signature)}`;
}

function encoded(part: object): string {
  return toBase64url(Buffer.from(JSON.stringify(part)));
}

const reserved: ReadonlySet<string> = new Set(reservedClaims);

function isReserved(name: string): boolean {
  return reserved.has(name);
}
