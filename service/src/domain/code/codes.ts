import type { KeyObject } from 'node:crypto';
import { fail, maxScopeLength, thumbprintPattern, tokenTypes } from '@latchkey/contract';
import { type JwtHeader, verifyJwt } from '@latchkey/core/internal';
import jwt from 'jsonwebtoken';
import { z } from 'zod';
import { constantTimeEqual, sha256, toBase64url } from '../../base/bytes.ts';
import { backwardToleranceMs, type DatabaseClock } from '../../db/database-clock.ts';
import type { Db } from '../../db/schema.ts';
import type { Secrets } from '../secret/secrets.ts';

/** What a code says: which session it opens, for whom, and who may redeem it. Times in epoch seconds. */
const payloadFields = {
  sid: z.uuid(),
  sub: z.uuid(),
  tid: z.string().min(1).max(63),
  /** Credential version of the user. */
  cv: z.int(),
  /** Code version of the tenant; absent when a node of an older version made the code. */
  tv: z.int().optional(),
  auth_time: z.int(),
  amr: z.array(z.string().min(1).max(255)).max(32),
  /** PKCE challenge, S256 (RFC 7636). */
  cc: z.string().length(43).optional(),
  jkt: z.string().regex(thumbprintPattern).optional(),
  /** Scopes that the sign-in asked for, separated by spaces. */
  scope: z.string().max(maxScopeLength).optional(),
};

const payloadSchema = z.object({ ...payloadFields, iat: z.int(), exp: z.int(), nbf: z.number().optional() });

export type CodePayload = z.output<z.ZodObject<typeof payloadFields>>;

/** How far `nbf` may be ahead of the database's clock, in milliseconds. */
const maxNotBeforeMs = 5_000;

export type Codes = ReturnType<typeof createCodes>;

/** The code: a JWT HS256 of type `code+jwt`, generation 0 of the session it will open. */
export function createCodes(deps: {
  secrets: Secrets;
  databaseClock: Pick<DatabaseClock, 'now' | 'earliest' | 'latest'>;
  expiresInSeconds: number;
  requirePkce: boolean;
}) {
  const { secrets, databaseClock, expiresInSeconds, requirePkce } = deps;

  async function keyOf(db: Db, kid: string): Promise<KeyObject> {
    const key = secrets.key('code', kid);
    if (key !== undefined) return key;
    const failure = await secrets.classifyUnknownKid(db, kid);
    throw failure.code === 'token_invalid' ? fail('code_invalid', { detail: failure.detail }) : failure;
  }

  function verify(code: string, key: KeyObject): z.output<typeof payloadSchema> {
    const payload = parsePayload(code, key);
    // A hook may have set `nbf`.
    if ((payload.nbf ?? 0) * 1_000 > databaseClock.latest() + maxNotBeforeMs) throw fail('code_invalid');
    return payload;
  }

  /** One from far ahead was made before the database's clock went back: it would live for as long once more. */
  const isExpired = ({ iat, exp }: z.output<typeof payloadSchema>) =>
    databaseClock.earliest() >= exp * 1_000 || iat * 1_000 > databaseClock.latest() + backwardToleranceMs;

  return Object.freeze({
    expiresInSeconds,
    /** Signs a code that is valid for `expiresInSeconds`, or until the earlier `more.exp`. Adds the members of `more` to its claims. */
    sign(payload: CodePayload, more: Readonly<Record<string, unknown>> = {}) {
      const iat = Math.floor(databaseClock.now() / 1_000);
      const key = secrets.key('code', secrets.currentKid)!;
      const latest = iat + expiresInSeconds;
      const exp = Math.min(latest, Number(more.exp ?? latest));
      return jwt.sign({ ...more, ...payload, iat, exp }, key, {
        algorithm: 'HS256',
        header: { alg: 'HS256', typ: tokenTypes.code, kid: secrets.currentKid },
      });
    },
    /**
     * Checks MAC, type, PKCE, and the time by the estimate of the database's clock.
     *
     * @param header of the code
     * @throws code_invalid · code_expired · pkce_mismatch · unavailable its secret is missing on this node
     */
    async read(db: Db, code: string, { kid }: Pick<JwtHeader, 'kid'>, verifier: string | undefined) {
      const payload = verify(code, await keyOf(db, kid));
      if (isExpired(payload)) throw fail('code_expired');
      checkPkce(payload.cc, verifier, requirePkce);
      return payload;
    },
  });
}

function parsePayload(code: string, key: KeyObject): z.output<typeof payloadSchema> {
  try {
    return payloadSchema.parse(verifyJwt(code, key, { algorithm: 'HS256' }));
  } catch (cause) {
    throw fail('code_invalid', { cause });
  }
}

/** RFC 7636 §4.6, S256 only; a verifier for a code without a challenge is a downgrade (RFC 9700 §2.1.1). */
function checkPkce(challenge: string | undefined, verifier: string | undefined, required: boolean): void {
  if (challenge === undefined) {
    if (verifier !== undefined || required) throw fail('pkce_mismatch');
    return;
  }
  const shown = verifier === undefined ? '' : toBase64url(sha256(verifier));
  if (!constantTimeEqual(Buffer.from(shown), Buffer.from(challenge))) throw fail('pkce_mismatch');
}
