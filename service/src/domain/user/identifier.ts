import { fail } from '@latchkey/contract';

/** An address as it was typed (NFC), and the key under which it is unique in its tenant. */
export interface Identifier {
  readonly email: string;
  readonly key: string;
}

const maxBytes = 254;
// No spaces, control characters, half surrogates or mail syntax; one @; a domain whose labels are not empty.
const address = /^[^\s\p{C}<>()[\],;:\\"@]+@[^\s\p{C}<>()[\],;:\\"@.]+(\.[^\s\p{C}<>()[\],;:\\"@.]+)*$/u;

/**
 * Folds case and spelling (NFKC, both ways of case), so that `Ann@x.org`, `ＡＮＮ@x.org` and `ann@x.org` are one. Total and
 * idempotent; use it for counting attempts, {@link parseIdentifier} for everything else.
 */
export function foldIdentifier(email: string): string {
  return fold(fold(email));
}

/** Pattern of LIKE for what begins with the text as it is. */
export function startsWith(text: string): string {
  return `${foldIdentifier(text).replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
}

// Upper case first: it unites ß with ss and both small sigmas. A second pass settles the letters that fold into others.
function fold(text: string): string {
  return text.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC');
}

/** The address and its key, or `undefined` when no account can have it. Nothing is trimmed or repaired. */
export function parseIdentifier(email: string): Identifier | undefined {
  if (email.length > maxBytes) return undefined;
  const typed = email.normalize('NFC');
  const key = foldIdentifier(typed);
  // The key is judged as well: folding can bring forth an @ or a space.
  const isSane = [typed, key].every((text) => Buffer.byteLength(text) <= maxBytes && address.test(text));
  return isSane ? { email: typed, key } : undefined;
}

/** @throws invalid_request with the field `email` */
export function requireIdentifier(email: string): Identifier {
  const identifier = parseIdentifier(email);
  if (identifier !== undefined) return identifier;
  throw fail('invalid_request', { details: [{ path: 'email', message: 'This is not an e-mail address.' }] });
}
