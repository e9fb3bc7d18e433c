import { toUnicode } from 'tr46';
import { isAscii } from './confusables.ts';

/** UTS 46 with the checks of IDNA 2008. */
const idna = { checkBidi: true, checkHyphens: true, checkJoiners: true, useSTD3ASCIIRules: true };

/** White space and characters that show nothing, as keyboards, clipboards and files put them around an address. */
const around = /^[\s\p{Cf}]+|[\s\p{Cf}]+$/gu;
/** Full-width ASCII, and half-width letters and full stops of Katakana and Hangul. */
const widths = /[\uff01-\uff5e\uff61-\uffdc]/g;
const fullStops = /\u3002/g;

/**
 * The one spelling of an address, as accounts store it and hooks get it:
 * - nothing around it: spaces, line ends, characters that show nothing
 * - NFC, with the usual width of each character (the width mapping of RFC 8265)
 * - the domain in lower case and in its Unicode form (UTS 46), with `.` between its labels
 *
 * The case of the part before the @ stays. Characters that only look alike are never united. Total and idempotent.
 *
 * @example canonicalizeEmail(' Ann@xn--bcher-kva.example\n'); // 'Ann@bücher.example'
 */
export function canonicalizeEmail(email: string): string {
  const [local, domain] = splitEmail(normalizeWidths(trimEmail(email)));
  return domain === undefined ? local : `${local}@${canonicalDomain(domain)}`;
}

/** Without what is around it, in NFC. */
export function trimEmail(email: string): string {
  return email.normalize('NFC').replace(around, '');
}

/** The domain in its Unicode form; `undefined` when IDNA 2008 refuses it, or it holds compatibility variants. */
export function unicodeDomain(domain: string): string | undefined {
  const typed = toLowerNfc(domain);
  if (isAscii(typed) && !/(^|\.)xn--/.test(typed)) return typed;
  const { domain: decoded, error } = toUnicode(typed, idna);
  if (error) return undefined;
  const labels = decoded.split('.');
  // Browsers would read it otherwise.
  const isMapped = typed.split('.').some((label, at) => label !== labels[at] && !label.startsWith('xn--'));
  return isMapped ? undefined : decoded;
}

export function splitEmail(email: string): [local: string, domain: string | undefined] {
  const at = email.lastIndexOf('@');
  return at < 0 ? [email, undefined] : [email.slice(0, at), email.slice(at + 1)];
}

/** Lower case without further folding. Composed again, because lower case can take a letter apart. */
export function toLowerNfc(text: string): string {
  return text.toLowerCase().normalize('NFC');
}

function canonicalDomain(domain: string): string {
  const typed = domain.replace(fullStops, '.');
  return unicodeDomain(typed) ?? toLowerNfc(typed);
}

function normalizeWidths(text: string): string {
  return text.replace(widths, (character) => character.normalize('NFKC')).normalize('NFC');
}
