import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fail } from '@latchkey/contract';

export const maxPasswordBytes = 1_024;
const leastMinLength = 8;

export interface PasswordRules {
  /**
   * The new password in the form that is hashed (NFC). Length counts code points; whether it is common, or the user's
   * own address, is asked of the whole password (NIST SP 800-63B-4 §3.1.1.2; ASVS 6.2.4, 6.2.11).
   *
   * @throws weak_password with a sentence in `details`
   */
  accept(password: string, context: { readonly email: string | null }): Promise<string>;
}

export interface PasswordRulesOptions {
  /** In code points, at least 8. */
  readonly minLength: number;
  /** Replaces the list of common passwords; asked with the folded password. */
  readonly isCommon?: (folded: string) => Promise<boolean>;
}

/** The password as it is hashed, or `undefined` when no account can have it: over-long or not well-formed Unicode. */
export function normalizePassword(password: string): string | undefined {
  // More code units than bytes allowed: not worth normalizing.
  if (password.length > maxPasswordBytes || /\p{Cs}/u.test(password)) return undefined;
  const normal = password.normalize('NFC');
  return Buffer.byteLength(normal) <= maxPasswordBytes ? normal : undefined;
}

/**
 * @example
 * const rules = createPasswordRules({ minLength: 8 });
 * await rules.accept('correct horse battery', { email: 'ann@example.org' });
 */
export function createPasswordRules({ minLength, isCommon = commonPasswords() }: PasswordRulesOptions): PasswordRules {
  if (minLength < leastMinLength) throw new TypeError(`minLength has to be at least ${leastMinLength}.`);
  return Object.freeze({
    async accept(password: string, { email }: { email: string | null }) {
      const normal = normalizePassword(password);
      if (normal === undefined) throw weak(`The password has to be at most ${maxPasswordBytes} bytes of valid text.`);
      if ([...normal].length < minLength) throw weak(`The password has to be at least ${minLength} characters long.`);
      const folded = foldText(normal);
      if (isAddress(folded, email)) throw weak('The password must not be your e-mail address.');
      if (await isCommon(folded)) throw weak('This password is one of the most common ones.');
      return normal;
    },
  });
}

/** Unites case and spelling (NFKC, both ways of case), twice, because some letters fold into others that fold again. */
function foldText(text: string): string {
  const once = (it: string) => it.normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC');
  return once(once(text));
}

function weak(message: string) {
  return fail('weak_password', { message, details: [{ path: 'password', message }] });
}

function isAddress(folded: string, email: string | null): boolean {
  if (email === null) return false;
  const address = foldText(email);
  return folded === address || folded === address.slice(0, address.lastIndexOf('@'));
}

/** Reads the list at the first question: 18,000 of its 49,000 entries are long enough to matter. */
function commonPasswords(): (folded: string) => Promise<boolean> {
  let list: Promise<ReadonlySet<string>> | undefined;
  return async (folded) => {
    list ??= readCommonPasswords().catch((error) => {
      list = undefined;
      throw error;
    });
    return (await list).has(folded);
  };
}

async function readCommonPasswords(): Promise<ReadonlySet<string>> {
  const path = createRequire(import.meta.url).resolve('@zxcvbn-ts/language-common/src/passwords.json');
  const all: string[] = JSON.parse(await readFile(path, 'utf8'));
  return new Set(all.filter((password) => password.length >= leastMinLength).map(foldText));
}
