import { fail, tokenTypes } from '@latchkey/contract';
import jwt from 'jsonwebtoken';
import { z } from 'zod';
import { isSame, sha256, toBase64url } from '../../base/bytes.ts';
import type { Clock } from '../../base/clock.ts';
import type { Secrets } from '../secret/secrets.ts';
import type { CodePayload } from './code.ts';

export interface Codes {
  /** Signs a code that lives for `expiresInSeconds`; what `more` holds beyond the payload's own names goes along. */
  sign(payload: CodePayload, more?: Readonly<Record<string, unknown>>): string;
  /**
   * Checks MAC, type, expiry and PKCE.
   *
   * @param kid of the header, known to this node
   * @throws code_invalid · code_expired · pkce_mismatch
   */
  read(code: string, kid: string, verifier: string | undefined): CodePayload;
  readonly expiresInSeconds: number;
}

const payloads = z.object({
  sid: z.uuid(),
  sub: z.uuid(),
  tid: z.string(),
  cv: z.int(),
  tv: z.int().optional(),
  auth_time: z.int(),
  amr: z.array(z.string()),
  cc: z.string().optional(),
  jkt: z.string().optional(),
  iat: z.int(),
  exp: z.int(),
});

/** The code: a JWT HS256 of type `code+jwt`, generation 0 of the session it will open. */
export function createCodes(deps: {
  secrets: Secrets;
  clock: Clock;
  expiresInSeconds: number;
  requirePkce: boolean;
}): Codes {
  const { secrets, clock, expiresInSeconds, requirePkce } = deps;
  const nowSeconds = () => Math.floor(clock.now() / 1_000);

  function verify(code: string, kid: string): z.output<typeof payloads> {
    const key = secrets.key('code', kid);
    if (key === undefined) throw fail('code_invalid', { detail: 'unknown kid' });
    try {
      const options = { algorithms: ['HS256' as const], ignoreExpiration: true };
      return payloads.parse(jwt.verify(code, key, options));
    } catch (cause) {
      throw fail('code_invalid', { cause });
    }
  }

  return Object.freeze({
    expiresInSeconds,
    sign(payload: CodePayload, more: Readonly<Record<string, unknown>> = {}) {
      const iat = nowSeconds();
      const key = secrets.key('code', secrets.currentKid)!;
      return jwt.sign({ ...more, ...payload, iat, exp: iat + expiresInSeconds }, key, {
        algorithm: 'HS256',
        header: { alg: 'HS256', typ: tokenTypes.code, kid: secrets.currentKid },
      });
    },
    read(code: string, kid: string, verifier: string | undefined) {
      const payload = verify(code, kid);
      if (nowSeconds() >= payload.exp) throw fail('code_expired');
      checkPkce(payload.cc, verifier, requirePkce);
      return payload;
    },
  });
}

/** RFC 7636 §4.6, S256 only; a verifier for a code without a challenge is a downgrade (RFC 9700 §2.1.1). */
function checkPkce(challenge: string | undefined, verifier: string | undefined, required: boolean): void {
  if (challenge === undefined) {
    if (verifier !== undefined || required) throw fail('pkce_mismatch');
    return;
  }
  const shown = verifier === undefined ? '' : toBase64url(sha256(verifier));
  if (!isSame(Buffer.from(shown), Buffer.from(challenge))) throw fail('pkce_mismatch');
}
