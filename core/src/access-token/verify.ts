import {
  type AccessClaims,
  type AccessTokenMetadata,
  Failure,
  fail,
  maxCredentialLength,
  thumbprintPattern,
  tokenTypes,
} from '@latchkey/contract';
import { errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { z } from 'zod';
import { deepFreeze } from '../base/deep-freeze.ts';
import type { CauseCode } from '../cause/causes.ts';
import type { KeySet } from './key-set.ts';

/** The one check of access tokens, of the service's own entry points and of backends. */
export interface AccessTokenReader {
  /**
   * Checks type, algorithm, key, signature, issuer, audience, times, types and sizes (RFC 9068 §4, RFC 8725 §3). Whether the
   * session has ended is the caller's to ask.
   *
   * @returns the claims, frozen to the last level
   * @throws unauthenticated the token is not good · unavailable the keys cannot be read
   */
  read(token: string): Promise<AccessClaims>;
  /** Checks what may have changed since claims were read: the time, and what tokens name. @throws unauthenticated */
  recheck(claims: AccessClaims): void;
}

export interface AccessTokenReaderDeps {
  readonly keys: Pick<KeySet, 'key'>;
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

/** The key is named by `kid`; no extension is understood (RFC 7515 §4.1.11). */
const headerSchema = z.looseObject({ kid: name, crit: z.undefined().optional() });

/**
 * @example
 * const reader = createAccessTokenReader({ keys, names: () => ({ issuer, audience: issuer }), now: clock.now });
 * const { sub } = await reader.read(token);
 */
export function createAccessTokenReader({ keys, names, now }: AccessTokenReaderDeps): AccessTokenReader {
  const keyOf: JWTVerifyGetKey = (header, token) => {
    headerSchema.parse(header);
    return keys.key(header, token);
  };

  return Object.freeze<AccessTokenReader>({
    async read(token) {
      if (typeof token !== 'string' || token.length > maxCredentialLength)
        throw refused('token_malformed', 'too long, or no text');
      try {
        const { payload } = await jwtVerify(token, keyOf, {
          algorithms: ['ES256'],
          typ: tokenTypes.access,
          requiredClaims: ['exp'],
          clockTolerance: clockToleranceSeconds,
          currentDate: new Date(now()),
        });
        assertNames(payload, names());
        return deepFreeze(claimsSchema.parse(payload) as AccessClaims);
      } catch (error) {
        throw toTokenFailure(error);
      }
    },
    recheck(claims) {
      assertNames(claims, names());
      if (claims.exp + clockToleranceSeconds <= now() / 1_000) throw refused('token_expired', 'expired');
    },
  });
}

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

/** Only what the token itself says is a verdict about it; a key set that cannot be read is trouble on the way. */
function toTokenFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const reason = causesByError.find(([kind]) => error instanceof kind)?.[1];
  if (reason !== undefined) return fail('unauthenticated', { cause: error, reason, detail: (error as Error).message });
  const unread: CauseCode = 'key_set_unavailable';
  return fail('unavailable', {
    cause: error,
    reason: unread,
    detail: `the key set could not be read: ${(error as Error).message}`,
  });
}

const causesByError: readonly (readonly [kind: abstract new (...given: never) => Error, reason: CauseCode])[] = [
  [errors.JWTExpired, 'token_expired'],
  [errors.JWSSignatureVerificationFailed, 'token_of_other_keys'],
  [errors.JWKSNoMatchingKey, 'token_of_other_keys'],
  [errors.JWKSMultipleMatchingKeys, 'token_of_other_keys'],
  [errors.JWTClaimValidationFailed, 'token_malformed'],
  [errors.JWTInvalid, 'token_malformed'],
  [errors.JWSInvalid, 'token_malformed'],
  [errors.JOSEAlgNotAllowed, 'token_malformed'],
  [errors.JOSENotSupported, 'token_malformed'],
  [z.ZodError, 'token_malformed'],
];
