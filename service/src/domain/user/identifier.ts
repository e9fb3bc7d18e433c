import { fail } from '@latchkey/contract';
import { canonicalizeEmail, splitEmail, toLowerNfc, trimEmail, unicodeDomain } from './canonical-email.ts';
import { isAscii, skeletonOf, validateConfusables } from './confusables.ts';

/** An address in its canonical spelling, and the key under which it is unique in its tenant. */
interface Identifier {
  readonly email: string;
  readonly key: string;
}

/** The address of a new account. */
interface NewIdentifier extends Identifier {
  /** Equal for addresses that look the same (UTS 39); `null` for ASCII, which is never refused for its look. */
  readonly skeleton: string | null;
}

const maxBytes = 254;
// No spaces, control characters, half surrogates or mail syntax; one @; a domain whose labels are not empty.
const address = /^[^\s\p{C}<>()[\],;:\\"@]+@[^\s\p{C}<>()[\],;:\\"@.]+(\.[^\s\p{C}<>()[\],;:\\"@.]+)*$/u;

/**
 * The key of an address: its canonical spelling in lower case. `Ann@x.org` and `ann@x.org` have one key, and so have
 * `a@bücher.de` and `a@xn--bcher-kva.de`, which are one mailbox. Characters that only look alike are never united:
 * `ﬁne@x.org` is not `fine@x.org`, and `straße@x.org` is not `strasse@x.org`. Total and idempotent.
 */
export function identifierKey(email: string): string {
  return toLowerNfc(canonicalizeEmail(email));
}

/** The key of an address before domains were decoded and widths mapped; keys that are stored may still have this form. */
export function legacyIdentifierKey(email: string): string {
  return toLowerNfc(trimEmail(email));
}

/** Pattern of LIKE for what begins with the text as it is. */
export function prefixPattern(text: string): string {
  return `${identifierKey(text).replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
}

/** The address and its key, or `undefined` when no account can have it. */
export function parseIdentifier(email: string): Identifier | undefined {
  if (email.length > maxBytes) return undefined;
  const canonical = canonicalizeEmail(email);
  const key = toLowerNfc(canonical);
  // The key is judged as well, because lower case may be longer.
  const isSane = [canonical, key].every((text) => Buffer.byteLength(text) <= maxBytes && address.test(text));
  return isSane ? { email: canonical, key } : undefined;
}

/**
 * The address of a new account. Refuses domains that IDNA 2008 does not allow (RFC 5891, UTS 46), and parts that can be
 * mistaken for other text (UTS 39).
 *
 * @throws invalid_request with the field `email` and what is wrong
 * @example const { email, key, skeleton } = parseNewIdentifier('Ann@example.org');
 */
export function parseNewIdentifier(email: string): NewIdentifier {
  const identifier = parseIdentifier(email);
  if (identifier === undefined) throw invalidEmail('This is not an e-mail address.');
  const [local, domain = ''] = splitEmail(identifier.email);
  const decoded = unicodeDomain(domain);
  if (decoded === undefined) throw invalidEmail('The domain of this address is not valid (IDNA 2008).');
  for (const part of [local, ...decoded.split('.')]) {
    const mistake = validateConfusables(part);
    if (mistake !== undefined) throw invalidEmail(mistake);
  }
  const { key } = identifier;
  return { ...identifier, skeleton: isAscii(key) ? null : skeletonOf(key) };
}

function invalidEmail(message: string) {
  return fail('invalid_request', { details: [{ path: 'email', message }] });
}
