import type { KeyObject } from 'node:crypto';
import {
  type AccessClaims,
  type AccessTokenMetadata,
  Failure,
  fail,
  maxCredentialLength,
  thumbprintPattern,
  tokenTypes,
} from '@latchkey/contract';
import { z } from 'zod';
import { deepFreeze } from '../base/deep-freeze.ts';
import type { CauseCode } from '../cause/causes.ts';
import { peekJwtHeader } from '../jwt/peek-jwt.ts';
import { isExpired, isWrongSignature, verifyJwt } from '../jwt/verify-jwt.ts';
import type { KeySet } from './key-set.ts';

/** The one check of access tokens, of the service's own entry points and of backends. */
export interface AccessTokenReader {
  /**
   * Checks type, algorithm, key, signature, issuer, audience, times, types and sizes (RFC 9068 §4, RFC 8725 §3). Whether the
   * session has ended is the caller's to ask.
   *
   * @returns the claims, frozen to the last level; a promise only if the keys have to be fetched
   * @throws unauthenticated the token is not good · unavailable the keys cannot be read; also as a rejection
   */
  read(token: string): AccessClaims | Promise<AccessClaims>;
  /** Checks what may have changed since claims were read: the time, and what tokens name. @throws unauthenticated */
  recheck(claims: AccessClaims): void;
}

/** Dependencies of {@link createAccessTokenReader}. */
export interface AccessTokenReaderDeps {
  readonly keys: Pick<KeySet, 'find'>;
  /** `iss` and `aud`, compared as text. */
  readonly names: () => Required<AccessTokenMetadata>;
  /** Epoch milliseconds of the database, as this process estimates them. */
  readonly now: () => number;
}

/** How far that estimate may be off, in seconds. */
const clockToleranceSeconds = 5;

const name = z.string().min(1).max(255);

/**
 * What the service issues, and nothing that it does not: one audience as text (RFC 7519 §4.1.3), ids as UUIDs. `nbf` is
 * judged where it is there, `iat` is no condition (RFC 7519 §4.1.6).
 */
const claimsSchema = z.looseObject({
  iss: name,
  sub: z.uuid(),
  aud: name,
  exp: z.int(),
  nbf: z.int().optional(),
  iat: z.int(),
  jti: name,
  client_id: name,
  sid: z.uuid(),
  tid: z.string().min(1).max(63),
  auth_time: z.int(),
  amr: z.array(name).max(32),
  cnf: z.object({ jkt: z.string().regex(thumbprintPattern) }).optional(),
  scope: z.string().optional(),
});

/**
 * @example
 * const reader = createAccessTokenReader({ keys, names: () => ({ issuer, audience: issuer }), now: clock.now });
 * const { sub } = await reader.read(token);
 */
export function createAccessTokenReader({ keys, names, now }: AccessTokenReaderDeps): AccessTokenReader {
  function verify(token: string, key: KeyObject | undefined): AccessClaims {
    if (key === undefined) throw refused('token_of_other_keys', 'its kid names no key');
    try {
      const payload = verifyJwt(token, key, {
        algorithm: 'ES256',
        nowSeconds: now() / 1_000,
        toleranceSeconds: clockToleranceSeconds,
      }) as object;
      assertNames(payload, names());
      return deepFreeze(claimsSchema.parse(payload) as AccessClaims);
    } catch (error) {
      throw toTokenFailure(error);
    }
  }

  /** Tokens of one key have the same header, which is decoded once. */
  let last: { readonly encoded: string; readonly kid: string } | undefined;

  /** @throws unauthenticated the text is no access token */
  function readKid(token: string): string {
    if (typeof token !== 'string' || token.length > maxCredentialLength) throw noAccessToken();
    if (last !== undefined && token.startsWith(last.encoded)) return last.kid;
    const header = peekJwtHeader(token);
    if (header === undefined || !isAccessTokenType(header.typ)) throw noAccessToken();
    last = { encoded: token.slice(0, token.indexOf('.') + 1), kid: header.kid };
    return header.kid;
  }

  return Object.freeze<AccessTokenReader>({
    read(token) {
      const key = findKey(keys, readKid(token));
      return key instanceof Promise ? key.then((found) => verify(token, found)) : verify(token, key);
    },
    recheck(claims) {
      assertNames(claims, names());
      if (claims.exp + clockToleranceSeconds <= now() / 1_000) throw refused('token_expired', 'expired');
    },
  });
}

/** @throws unavailable the keys cannot be read; also as a rejection */
function findKey(keys: AccessTokenReaderDeps['keys'], kid: string): ReturnType<KeySet['find']> {
  try {
    const key = keys.find(kid);
    return key instanceof Promise ? key.catch((error) => Promise.reject(toKeyFailure(error))) : key;
  } catch (error) {
    throw toKeyFailure(error);
  }
}

const noAccessToken = () => refused('token_malformed', 'no access token, or too long');

/** RFC 9068 §4: the media type with or without `application/`, in any case (RFC 7515 §4.1.9). */
const isAccessTokenType = (typ: string): boolean =>
  typ.toLowerCase().replace(/^application\//, '') === tokenTypes.access;

const refused = (reason: CauseCode, detail: string) => fail('unauthenticated', { reason, detail });

type Names = Required<AccessTokenMetadata>;

/** @throws unauthenticated the token is of another issuer, or for another audience */
function assertNames({ iss, aud }: { readonly iss?: unknown; readonly aud?: unknown }, { issuer, audience }: Names) {
  if (iss !== issuer) throw refused('issuer_unexpected', `its issuer is ${quoted(iss)}, expected ${quoted(issuer)}`);
  if (aud !== audience)
    throw refused('audience_unexpected', `its audience is ${quoted(aud)}, expected ${quoted(audience)}`);
}

/** Of a token whose signature is good, as text of a bounded length. */
const quoted = (value: unknown) => (JSON.stringify(value) ?? 'absent').slice(0, 258);

/** A key set that cannot be read says nothing about the token. */
function toKeyFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const reason: CauseCode = 'key_set_unavailable';
  const detail = `the key set could not be read: ${(error as Error).message}`;
  return fail('unavailable', { cause: error, reason, detail });
}

function toTokenFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  return fail('unauthenticated', { cause: error, reason: reasonOf(error), detail: (error as Error).message });
}

function reasonOf(error: unknown): CauseCode {
  if (isExpired(error)) return 'token_expired';
  return isWrongSignature(error) ? 'token_of_other_keys' : 'token_malformed';
}
