const maxMetadataBytes = 16_384;
const maxProfileLength = 8_192;
const maxDepth = 8;

// PostgreSQL has no place for NUL, and half of a surrogate pair would silently become another character.
const unusable = /[\0\p{Surrogate}]/u;
const forbiddenNames = new Set(['__proto__', 'constructor', 'prototype']);

/** Text that the database can hold. */
export const isStorable = (text: string): boolean => !unusable.test(text);

/** A JSON value of eight levels at most, whose texts and numbers the database can hold. */
function isPlainJson(value: unknown, depth = 0): boolean {
  if (typeof value === 'string') return isStorable(value);
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value !== 'object' || value === null) return true;
  if (depth >= maxDepth) return false;
  return Object.entries(value).every(
    ([name, inner]) => !forbiddenNames.has(name) && isStorable(name) && isPlainJson(inner, depth + 1),
  );
}

const isStorableObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && isPlainJson(value);

/** A JSON object of at most 16 KB that the database can hold. */
export const isMetadata = (value: unknown): value is Record<string, unknown> =>
  isStorableObject(value) && Buffer.byteLength(JSON.stringify(value)) <= maxMetadataBytes;

/** A JSON object of at most 8,192 characters that the database can hold. */
export const isProfile = (value: unknown): value is Record<string, unknown> =>
  isStorableObject(value) && JSON.stringify(value).length <= maxProfileLength;

/** A name of at most 200 characters, not blank, without control characters, also those that change the direction of a text. */
export const isDisplayName = (name: string): boolean =>
  /^[^\p{Cc}\p{Surrogate}\u202A-\u202E\u2066-\u2069]{1,200}$/u.test(name) && /\S/.test(name);

/** An https URL of at most 2,048 characters, without credentials, white space and characters that show nothing. */
export function isPictureUrl(url: string): boolean {
  if (!/^https:[^\s\p{C}]+$/iu.test(url) || url.length > 2_048) return false;
  if (!URL.canParse(url)) return false;
  const { username, password } = new URL(url);
  return username + password === '';
}
