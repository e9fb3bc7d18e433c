import { fail } from '@latchkey/contract';
import { toUnicode } from 'tr46';
import { lookAlikeMistake, skeletonOf } from './look-alike.ts';

/** An address as it was typed (NFC), and the key under which it is unique in its tenant. */
export interface Identifier {
  readonly email: string;
  readonly key: string;
}

/** The address of a new account. */
export interface NewIdentifier extends Identifier {
  /** Equal for addresses that look the same (UTS 39); `null` for ASCII, which is never refused for its look. */
  readonly skeleton: string | null;
}

const maxBytes = 254;
// No spaces, control characters, half surrogates or mail syntax; one @; a domain whose labels are not empty.
const address = /^[^\s\p{C}<>()[\],;:\\"@]+@[^\s\p{C}<>()[\],;:\\"@.]+(\.[^\s\p{C}<>()[\],;:\\"@.]+)*$/u;
/** UTS 46 with the checks of IDNA 2008. */
const idna = { checkBidi: true, checkHyphens: true, checkJoiners: true, useSTD3ASCIIRules: true };

/**
 * The key of an address: NFC, lower case, the domain in its Unicode form. `Ann@x.org` and `ann@x.org` have one key, and so
 * have `a@bücher.de` and `a@xn--bcher-kva.de`, which are one mailbox. Characters that only look alike are never united:
 * `ﬁne@x.org` is not `fine@x.org`, and `straße@x.org` is not `strasse@x.org`. Total and idempotent.
 */
export function identifierKey(email: string): string {
  const [local, domain] = partsOf(email.normalize('NFC'));
  return domain === undefined ? lower(local) : `${lower(local)}@${unicodeDomain(domain) ?? lower(domain)}`;
}

/** The key of an address before domains were decoded; keys that are stored may still have this form. */
export function undecodedKey(email: string): string {
  return lower(email.normalize('NFC'));
}

/** Pattern of LIKE for what begins with the text as it is. */
export function startsWith(text: string): string {
  return `${identifierKey(text).replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
}

/** The address and its key, or `undefined` when no account can have it. Nothing is trimmed or repaired. */
export function parseIdentifier(email: string): Identifier | undefined {
  if (email.length > maxBytes) return undefined;
  const typed = email.normalize('NFC');
  const key = identifierKey(typed);
  // The key is judged as well, because it may be longer than what was typed.
  const isSane = [typed, key].every((text) => Buffer.byteLength(text) <= maxBytes && address.test(text));
  return isSane ? { email: typed, key } : undefined;
}

/**
 * The address of a new account. Refuses domains that IDNA 2008 does not allow (RFC 5891, UTS 46), and parts that can be
 * mistaken for other text (UTS 39).
 *
 * @throws invalid_request with the field `email` and what is wrong
 * @example const { email, key, skeleton } = requireNewIdentifier('Ann@example.org');
 */
export function requireNewIdentifier(email: string): NewIdentifier {
  const identifier = parseIdentifier(email);
  if (identifier === undefined) throw refused('This is not an e-mail address.');
  const [local, domain = ''] = partsOf(identifier.email);
  const decoded = unicodeDomain(domain);
  if (decoded === undefined) throw refused('The domain of this address is not valid (IDNA 2008).');
  for (const part of [local, ...decoded.split('.')]) {
    const mistake = lookAlikeMistake(part);
    if (mistake !== undefined) throw refused(mistake);
  }
  const { key } = identifier;
  return { ...identifier, skeleton: isAscii(key) ? null : skeletonOf(key) };
}

function refused(message: string) {
  return fail('invalid_request', { details: [{ path: 'email', message }] });
}

function partsOf(email: string): [local: string, domain: string | undefined] {
  const at = email.lastIndexOf('@');
  return at < 0 ? [email, undefined] : [email.slice(0, at), email.slice(at + 1)];
}

/** Lower case without further folding. Composed again, because lower case can take a letter apart. */
function lower(text: string): string {
  return text.toLowerCase().normalize('NFC');
}

const isAscii = (text: string): boolean => !/[^\0-\x7f]/.test(text);

/** The domain in its Unicode form; `undefined` when IDNA refuses it, or maps more than case: browsers would read it otherwise. */
function unicodeDomain(domain: string): string | undefined {
  const typed = lower(domain);
  if (isAscii(typed) && !/(^|\.)xn--/.test(typed)) return typed;
  const { domain: decoded, error } = toUnicode(typed, idna);
  if (error) return undefined;
  const labels = decoded.split('.');
  const isMapped = typed.split('.').some((label, at) => label !== labels[at] && !label.startsWith('xn--'));
  return isMapped ? undefined : decoded;
}
