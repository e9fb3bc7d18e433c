import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fail } from '@latchkey/contract';
import { type ContextWords, findContext, foldText, variantsOf } from './password-variants.ts';

export const maxPasswordBytes = 1_024;
const lowestMinLength = 8;

/** Whose password it is going to be. */
export interface PasswordContext {
  readonly email: string | null;
  /** Id and name of the tenant. */
  readonly tenant?: readonly string[];
  /** Fewest code points, by the policy of the tenant; `null` or absent: those of the rules. */
  readonly minLength?: number | null;
}

/** What a tenant says about new passwords of its users. */
export interface PasswordPolicy {
  readonly id: string;
  readonly name: string;
  readonly passwordMinLength: number | null;
}

/** For a user with this address in the tenant. */
export function passwordContextOf(
  { id, name, passwordMinLength }: PasswordPolicy,
  email: string | null,
): PasswordContext {
  return { email, tenant: [id, name], minLength: passwordMinLength };
}

interface PasswordRulesOptions {
  /** In code points, at least 8. */
  readonly minLength: number;
  /** Names of the service and of its front ends. */
  readonly serviceNames?: readonly string[];
  /** Replaces the list of common passwords; asked with the folded password and its variants. */
  readonly isCommon?: (folded: string) => Promise<boolean>;
}

/** The password as it is hashed, or `undefined` when no account can have it: over-long or not well-formed Unicode. */
export function normalizePassword(password: string): string | undefined {
  // More code units than bytes allowed: not worth normalizing.
  if (password.length > maxPasswordBytes || /\p{Cs}/u.test(password)) return undefined;
  const normal = password.normalize('NFC');
  return Buffer.byteLength(normal) <= maxPasswordBytes ? normal : undefined;
}

export type PasswordRules = ReturnType<typeof createPasswordRules>;

/**
 * @example
 * const rules = createPasswordRules({ minLength: 8, serviceNames: ['Latchkey', 'app.example.org'] });
 * await rules.accept('correct horse battery', { email: 'ann@example.org', tenant: ['acme', 'Acme'] });
 */
export function createPasswordRules(options: PasswordRulesOptions) {
  const { serviceNames = [], isCommon = createCommonPasswordCheck() } = options;
  if (options.minLength < lowestMinLength) throw new TypeError(`minLength has to be at least ${lowestMinLength}.`);

  async function isVariantOfCommon(folded: string): Promise<boolean> {
    for (const variant of variantsOf(folded)) if (await isCommon(variant)) return true;
    return false;
  }

  return Object.freeze({
    /**
     * The new password in the form that is hashed (NFC). Length counts code points. Refused are common passwords and simple
     * variants of them (case, characters in place of letters, digits and signs around it), and what consists of little
     * beside the address, the tenant or the service (NIST SP 800-63B-4 §3.1.1.2; ASVS 6.2.4, 6.2.11).
     *
     * @throws weak_password with the reason as a sentence in `message` and `details`
     */
    async accept(password: string, context: PasswordContext) {
      const minLength = context.minLength ?? options.minLength;
      const normal = normalizePassword(password);
      if (normal === undefined) throw weak(`The password has to be at most ${maxPasswordBytes} bytes of valid text.`);
      if ([...normal].length < minLength) throw weak(`The password has to be at least ${minLength} characters long.`);
      const folded = foldText(normal);
      const known = findContext(folded, toContextWords(context, serviceNames), minLength);
      if (known !== undefined) throw weak(`The password must not be made of ${known}.`);
      if (await isCommon(folded)) throw weak('This password is one of the most common ones.');
      if (await isVariantOfCommon(folded))
        throw weak('This password is a simple variant of one of the most common ones.');
      return normal;
    },
  });
}

function toContextWords({ email, tenant = [] }: PasswordContext, serviceNames: readonly string[]): ContextWords[] {
  return [
    { name: 'your e-mail address', texts: [email, ...(email?.split('@') ?? [])] },
    { name: 'the name of your organization', texts: tenant },
    { name: 'the name of this service', texts: serviceNames },
  ];
}

function weak(message: string) {
  return fail('weak_password', { message, details: [{ path: 'password', message }] });
}

/** Whether a folded text is one of 49,000 common passwords. Reads the list at the first question. */
function createCommonPasswordCheck(): (folded: string) => Promise<boolean> {
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
  return new Set(all.map(foldText));
}
