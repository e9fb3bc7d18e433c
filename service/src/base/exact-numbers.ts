import { isSafeNumber } from 'lossless-json';

/**
 * Strings of a JSON text, which are skipped, and numbers with an exponent or more than 15 digits (RFC 8259 §6, §7). Double
 * precision keeps all others. A string without an end takes the rest, so that no text is read more than once.
 */
const tokens = /"(?:[^"\\]|\\.)*"?|-?\d(?=[\d.]{15}|[\d.]{0,15}[eE])[\d.eE+-]*/g;

/** What a number has to be that {@link hasExactNumbers} refuses. */
export const exactNumberRule = 'A number has more digits than can be kept, or is too large. Send it as a text.';

/**
 * Whether every number of a JSON text is kept as it is written: without rounding, in double precision (RFC 7493 §2.2).
 * `JSON.parse` rounds the others, or makes them infinite, so that they would be stored as other numbers or as `null`.
 *
 * @param text JSON that was parsed already
 * @example
 * hasExactNumbers('{"id":9007199254740993}'); // false
 */
export function hasExactNumbers(text: string): boolean {
  for (const [token] of text.matchAll(tokens)) if (!token.startsWith('"') && !isSafeNumber(token)) return false;
  return true;
}
