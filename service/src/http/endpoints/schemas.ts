import { askedAtSchema } from '@latchkey/contract/schemas';
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
