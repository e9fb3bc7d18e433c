import type { KeyObject } from 'node:crypto';
import { fail, tokenTypes } from '@latchkey/contract';
import { type JwtHeader, verifyJwt } from '@latchkey/core/internal';
import jwt from 'jsonwebtoken';
import { z } from 'zod';
import { fromBase64url, toBase64url } from '../../base/bytes.ts';
import type { Secrets } from '../secret/secrets.ts';

/** What a session token says; the row decides whether it is so. */
type SessionToken = {
  readonly sid: string;
  readonly gen: number;
  /** Tag of the rotation key that made this generation, 16 bytes. */
  readonly tag: Buffer;
  /** Epoch seconds, a hint. */
  readonly exp: number;
};

const claimsSchema = z.object({
  sid: z.uuid(),
  gen: z.int().min(1).max(2_147_483_647),
  tag: z.string().length(22),
  exp: z.int(),
});

/**
 * The token of a generation: HS256, no `iat`, claims always in this order, so that the same row gives the same bytes and
 * a lost answer can be repeated without storing a secret.
 */
export function signSessionToken({ sid, gen, tag, exp }: SessionToken, secrets: Secrets): string {
  const key = secrets.key('session', secrets.currentKid) as KeyObject;
  return jwt.sign({ sid, gen, tag: toBase64url(tag), exp }, key, {
    algorithm: 'HS256',
    noTimestamp: true,
    header: { alg: 'HS256', typ: tokenTypes.session, kid: secrets.currentKid },
  });
}

/**
 * Checks MAC and shape. All times are left to the row.
 *
 * @throws token_invalid
 */
export function verifySessionToken(token: string, header: JwtHeader, key: KeyObject): SessionToken {
  if (header.alg !== 'HS256' || header.typ !== tokenTypes.session) throw fail('token_invalid');
  try {
    const read = claimsSchema.parse(verifyJwt(token, key, { algorithm: 'HS256' }));
    return { ...read, tag: fromBase64url(read.tag) };
  } catch (cause) {
    throw fail('token_invalid', { cause });
  }
}
