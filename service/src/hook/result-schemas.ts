import { maxScopeLength, reservedClaims, scopePattern, slugPattern } from '@latchkey/contract';
import { z } from 'zod';
import type { Claims } from './hook.ts';

export const maxClaimsBytes = 4_096;
const maxProfileBytes = 16_384;
const maxMailBody = 200_000;

// Postgres holds no NUL, neither in text nor in jsonb.
const text = z.string().refine((value) => !value.includes('\0') && !/\p{Cs}/u.test(value), 'has to be valid text');
const jsonObject = (maxBytes: number) =>
  z
    .record(z.string(), z.json())
    .refine(
      (value) => Buffer.byteLength(JSON.stringify(value)) <= maxBytes,
      `has to be at most ${maxBytes} bytes of JSON`,
    )
    .refine((value) => !/\\u0000|\\ud[89a-f]/.test(JSON.stringify(value)), 'has to be valid text');

const externalUser = z.strictObject({
  externalId: text.min(1).max(255),
  email: text.max(254).nullish(),
  profile: jsonObject(maxProfileBytes).optional(),
});

/** Schemas of the results of hooks. */
export const resultSchemas = {
  claims: jsonObject(maxClaimsBytes).transform((claims) => withoutReservedClaims(claims)),
  scopes: z
    .array(z.string().regex(scopePattern, 'has to be one scope of RFC 6749'))
    .transform((scopes) => [...new Set(scopes)])
    .refine((scopes) => scopes.join(' ').length <= maxScopeLength, `has to be at most ${maxScopeLength} characters`)
    .readonly(),
  found: externalUser.extend({ keep: z.boolean().optional(), emailVerified: z.boolean().optional() }).nullable(),
  registered: externalUser.optional(),
  /** A registered user where the app has its own user table, so that the hook must return one. */
  keptElsewhere: externalUser,
  tenantId: z.string().regex(slugPattern),
  renderedMail: z
    .strictObject({
      subject: text
        .min(1)
        .max(500)
        .regex(/^\P{Cc}+$/u, 'has to be one line'),
      text: text.min(1).max(maxMailBody),
      html: text.min(1).max(maxMailBody),
    })
    .optional(),
  signed: z.string().min(1),
};

/** Names that only the service sets: of access tokens, of accounts, and of the code that precedes the tokens. */
const reserved: ReadonlySet<string> = new Set([
  ...reservedClaims,
  ...['email', 'email_verified'],
  ...['cv', 'tv', 'jkt', 'gen', 'tag', 'cc', 'challenge', 'code_challenge', 'code_challenge_method'],
]);

export function withoutReservedClaims(claims: Claims): Claims {
  return Object.fromEntries(Object.entries(claims).filter(([name]) => !reserved.has(name)));
}
