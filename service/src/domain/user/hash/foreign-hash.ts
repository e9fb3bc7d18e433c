import { fail } from '@latchkey/contract';
import { z } from 'zod';
import { type PasswordHash, readHash } from './password-hash.ts';
import { decodeBase64, formatPhc } from './phc.ts';

const maxMemoryInKib = 262_144;
const maxCheckMs = 1_000;
const maxTextLength = 2_048;

/** A password of an account of Keycloak, as an export of a realm has it. */
export const keycloakCredential = z.object({
  credentialData: z.string().max(4_096),
  secretData: z.string().max(4_096),
});

/** A hash of another system: a text, or the credential of a Keycloak account. */
export type ForeignHash = string | z.output<typeof keycloakCredential>;

/**
 * Converts a hash of another system to the text that is stored.
 *
 * @param allowWeak takes digests without a work factor, such as MD5
 * @throws invalid_request with the field `password_hash`, and what is wrong
 * @example toStoredHash('pbkdf2_sha256$600000$salt$…'); // '$pbkdf2-sha256$i=600000,l=32$…'
 */
export function toStoredHash(given: ForeignHash, { allowWeak = false }: { readonly allowWeak?: boolean } = {}): string {
  const hash = readForeignHash(given);
  if (hash === undefined) throw invalidHash(unknownMessage(given));
  if (hash.memoryInKib > maxMemoryInKib) throw invalidHash('A check of this hash needs more than 256 MiB of memory.');
  if (hash.estimatedMs > maxCheckMs) throw invalidHash('A check of this hash takes more than about a second.');
  if (hash.isWeak && !allowWeak) throw invalidHash('This hash is a digest without a work factor.');
  return hash.text;
}

function invalidHash(message: string) {
  return fail('invalid_request', { details: [{ path: 'password_hash', message }] });
}

function unknownMessage(given: ForeignHash): string {
  const isOldBcrypt = typeof given === 'string' && given.startsWith('$2x$');
  return isOldBcrypt
    ? 'Hashes of the faulty version 2x of bcrypt are not taken.'
    : 'This is no hash of a format that can be imported.';
}

function readForeignHash(given: ForeignHash): PasswordHash | undefined {
  const text = typeof given === 'string' ? fromText(given) : fromKeycloak(given);
  return text === undefined ? undefined : readHash(text);
}

type Reader = (parts: readonly string[]) => string | undefined;

const digests: Readonly<Record<string, string>> = {
  MD5: 'md5',
  SHA: 'sha1',
  SHA1: 'sha1',
  SHA256: 'sha256',
  SHA512: 'sha512',
};

/** Formats of other systems, and the conversion of each. The first pattern that matches counts. */
const readers: readonly (readonly [pattern: RegExp, read: Reader])[] = [
  // argon2 before version 1.3 wrote none.
  [/^\$(argon2id?|argon2d)\$(m=.*)$/, ([id, rest]) => `$${id}$v=16$${rest}`],
  // passlib
  [/^\$pbkdf2(-sha\d+)?\$(\d+)\$([^$]*)\$([^$]+)$/, ([digest = '-sha1', ...rest]) => pbkdf2Text(digest, rest)],
  [/^\$pbkdf2(-sha\d+)\$i=(\d+)(?:,l=\d+)?\$([^$]*)\$([^$]+)$/, ([digest, ...rest]) => pbkdf2Text(digest!, rest)],
  // Django
  [/^(?:argon2|bcrypt\$)(\$.+)$/, ([hash]) => fromText(hash!)],
  [
    /^pbkdf2_(sha1|sha256)\$(\d+)\$([^$]*)\$([^$]+)$/,
    ([digest, rounds, salt, hash]) => pbkdf2Text(`-${digest}`, [rounds!, toBase64(salt!), hash!]),
  ],
  [
    /^scrypt\$(\d+)\$([^$]*)\$(\d+)\$(\d+)\$([^$]+)$/,
    ([n, salt, r, p, hash]) => scryptText(Number(n), salt!, { r: r!, p: p!, hash: hash! }),
  ],
  [
    /^(md5|sha1)\$([^$]*)\$([0-9a-f]+)$/,
    ([digest, salt, hash]) => digestText(digest!, 'before', Buffer.from(salt!), Buffer.from(hash!, 'hex')),
  ],
  // RFC 2307
  [/^\{(MD5|SHA|SHA1|SHA256|SHA512)\}(.+)$/, ([digest, hash]) => ldapText(digests[digest!]!, hash!, false)],
  [/^\{S(MD5|SHA|SHA256|SHA512)\}(.+)$/, ([digest, hash]) => ldapText(digests[digest!]!, hash!, true)],
];

function fromText(text: string): string | undefined {
  if (text.length > maxTextLength) return undefined;
  for (const [pattern, read] of readers) {
    const parts = pattern.exec(text)?.slice(1);
    if (parts !== undefined) return read(parts);
  }
  return text;
}

const toBase64 = (text: string) => Buffer.from(text).toString('base64');

function pbkdf2Text(digest: string, [rounds, salt, hash]: readonly string[]): string {
  return `$pbkdf2${digest}$i=${rounds},l=${decodeBase64(hash!)?.length}$${salt}$${hash}`;
}

function scryptText(
  n: number,
  salt: string,
  { r, p, hash }: { r: string; p: string; hash: string },
): string | undefined {
  const log2 = Math.log2(n);
  return Number.isInteger(log2) ? `$scrypt$ln=${log2},r=${r},p=${p}$${toBase64(salt)}$${hash}` : undefined;
}

function digestText(digest: string, saltPosition: 'before' | 'after', salt: Buffer, hash: Buffer): string {
  return formatPhc({ id: `digest-${digest}`, params: { s: saltPosition }, salt, hash });
}

const digestLengths: Readonly<Record<string, number>> = { md5: 16, sha1: 20, sha256: 32, sha512: 64 };

/** Converts base64 of a digest that the salt follows. */
function ldapText(digest: string, text: string, isSalted: boolean): string | undefined {
  const bytes = decodeBase64(text);
  const length = digestLengths[digest]!;
  if (bytes === undefined || bytes.length > length !== isSalted) return undefined;
  return digestText(digest, 'after', bytes.subarray(length), bytes.subarray(0, length));
}

const keycloakParameters = z.record(z.string(), z.array(z.string()).min(1));
const keycloakCost = z.object({
  algorithm: z.string(),
  hashIterations: z.int(),
  additionalParameters: keycloakParameters.nullish(),
});
const keycloakSecret = z.object({ value: z.string(), salt: z.string() });

function fromKeycloak({ credentialData, secretData }: z.output<typeof keycloakCredential>): string | undefined {
  const cost = keycloakCost.safeParse(parseJson(credentialData)).data;
  const secret = keycloakSecret.safeParse(parseJson(secretData)).data;
  if (cost === undefined || secret === undefined) return undefined;
  const { algorithm, hashIterations, additionalParameters } = cost;
  const { salt, value } = secret;
  if (algorithm === 'argon2') return keycloakArgon2(hashIterations, additionalParameters ?? {}, secret);
  const digest = algorithm === 'pbkdf2' ? '-sha1' : /^pbkdf2(-sha(?:256|512))$/.exec(algorithm)?.[1];
  return digest === undefined ? undefined : pbkdf2Text(digest, [String(hashIterations), salt, value]);
}

function keycloakArgon2(
  passes: number,
  { type, version, memory, parallelism }: z.output<typeof keycloakParameters>,
  { salt, value }: z.output<typeof keycloakSecret>,
): string {
  const v = version?.[0] === '1.0' ? 16 : 19;
  return `$argon2${type?.[0]}$v=${v}$m=${memory?.[0]},t=${passes},p=${parallelism?.[0]}$${salt}$${value}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
