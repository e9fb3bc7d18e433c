import { askedAtSchema, credentialSchema, logoutScopeSchema } from '@latchkey/contract/schemas';
import { z } from 'zod';

/** PostgreSQL has no place for NUL, and half of a surrogate pair would silently become another character. */
const unusable = /[\0\p{Surrogate}]/u;
const isStorable = (text: string) => !unusable.test(text);

/** Text that can be stored, of at most `most` UTF-16 units. */
export const text = (maxLength: number) => z.string().min(1).max(maxLength).refine(isStorable, 'unusable characters');

/** When the caller asked, in ms of the database's clock. In a form a number is text. */
export const askedAt = z.preprocess(
  (value) => (typeof value === 'string' && /^\d{1,15}(\.\d+)?$/.test(value) ? Number(value) : value),
  askedAtSchema.optional(),
);

const maxDepth = 8;
const profileLimit = 8_192;

/** A user's profile: a JSON object of at most 8 KB and eight levels. */
export const profile = z.custom<Record<string, unknown>>(isProfile, 'has to be a small plain object');

const forbiddenNames = new Set(['__proto__', 'constructor', 'prototype']);

export function isProfile(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return isPlain(value) && JSON.stringify(value).length <= profileLimit;
}

function isPlain(value: unknown, depth = 0): boolean {
  if (typeof value === 'string') return isStorable(value);
  if (typeof value !== 'object' || value === null) return true;
  if (depth >= maxDepth) return false;
  return Object.entries(value).every(
    ([name, inner]) => !forbiddenNames.has(name) && isStorable(name) && isPlain(inner, depth + 1),
  );
}

/** Display name of a user: one line. */
export const displayName = text(200).refine((value) => !/\p{Cc}/u.test(value), 'control characters');

const passwordBytes = 1_024;

/** Any text; its worth is the flow's to judge. Longer than the limit of the rules is never hashed. */
export const password = text(passwordBytes).refine((value) => Buffer.byteLength(value) <= passwordBytes, 'is too long');

export const logoutBody = z.strictObject({ scope: logoutScopeSchema.optional(), asked_at: askedAt });

export const passwordBody = z.strictObject({ current_password: password, new_password: password, asked_at: askedAt });

export const sessionParams = z.strictObject({ id: z.uuid() });

/** RFC 7009 §2.1. The hint is only a hint: the token says itself what it is. */
export const revokeBody = z.strictObject({
  token: credentialSchema,
  token_type_hint: text(64).optional(),
  client_id: text(256).optional(),
});

/** RFC 7662 §2.1. */
export const introspectBody = revokeBody.extend({ client_secret: text(256).optional() });
