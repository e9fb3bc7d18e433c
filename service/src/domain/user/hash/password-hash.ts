import { createCipheriv, createHash, pbkdf2, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { verify as verifyArgon2 } from '@node-rs/argon2';
import { verify as verifyBcrypt } from '@node-rs/bcrypt';
import { constantTimeEqual } from '../../../base/bytes.ts';
import { decodeBase64, formatPhc, type PhcString, parseInteger, parsePhc } from './phc.ts';

/** A hash of a password, in one of the formats that accounts may have. */
export interface PasswordHash {
  /** As it is stored. */
  readonly text: string;
  /** Its format and parameters, without salt and hash: hashes with one cost take one time. */
  readonly cost: string;
  readonly memoryInKib: number;
  /** How long a check takes on a usual core, roughly. */
  readonly estimatedMs: number;
  /** A digest without a work factor. */
  readonly isWeak: boolean;
  /** Works off the main thread. */
  verify(password: string): Promise<boolean>;
}

type Format = (phc: PhcString) => Omit<PasswordHash, 'text' | 'cost'> | undefined;

const derivePbkdf2 = promisify(pbkdf2);
const deriveScrypt = promisify<string, Buffer, number, object, Buffer>(scrypt);
const maxInteger = 2 ** 32 - 1;

/**
 * Reads a stored hash: bcrypt (`$2a$`, `$2b$`, `$2y$`), or a PHC string of argon2, scrypt, pbkdf2, the scrypt of Firebase, or
 * a digest.
 *
 * @returns `undefined` for other text. Bounds of the cost are not checked here
 * @example await readHash('$2b$12$…')?.verify('a password');
 */
export function readHash(text: string): PasswordHash | undefined {
  const bcrypt = readBcrypt(text);
  if (bcrypt !== undefined) return bcrypt;
  const phc = parsePhc(text);
  const work = phc === undefined ? undefined : formats[phc.id]?.(phc);
  if (phc === undefined || work === undefined) return undefined;
  const plain = formatPhc(phc);
  return { ...work, text: plain, cost: plain.slice(0, plain.lastIndexOf('$', plain.lastIndexOf('$') - 1)) };
}

function readBcrypt(text: string): PasswordHash | undefined {
  const [, cost, rounds] = /^(\$2[aby]\$(\d\d))\$[./A-Za-z0-9]{53}$/.exec(text) ?? [];
  const log2 = Number(rounds);
  if (cost === undefined || log2 < 4 || log2 > 31) return undefined;
  const verify = (password: string) => verifyBcrypt(password, text);
  return { text, cost, memoryInKib: 4, estimatedMs: 2 ** log2 * 0.055, isWeak: false, verify };
}

const formats: Readonly<Record<string, Format>> = {
  argon2d: readArgon2,
  argon2i: readArgon2,
  argon2id: readArgon2,
  scrypt: readScrypt,
  fbscrypt: readFirebaseScrypt,
  'pbkdf2-sha1': pbkdf2Format('sha1', 0.0004),
  'pbkdf2-sha256': pbkdf2Format('sha256', 0.0006),
  'pbkdf2-sha512': pbkdf2Format('sha512', 0.0007),
  'digest-md5': digestFormat('md5'),
  'digest-sha1': digestFormat('sha1'),
  'digest-sha256': digestFormat('sha256'),
  'digest-sha512': digestFormat('sha512'),
};

/** The names of the parameters, exactly. */
function hasNames(params: PhcString['params'], names: readonly string[]): boolean {
  return Object.keys(params).length === names.length && names.every((name) => name in params);
}

function readArgon2(phc: PhcString): ReturnType<Format> {
  const { v, m, t, p } = phc.params;
  const [memory, passes, lanes] = [m, t, p].map((text) => parseInteger(text, 1, maxInteger));
  const isKnown = hasNames(phc.params, ['v', 'm', 't', 'p']) && (v === '16' || v === '19');
  if (!isKnown || memory === undefined || passes === undefined || lanes === undefined) return undefined;
  if (lanes > 255 || memory < 8 * lanes || phc.salt.length < 8 || phc.hash.length < 12) return undefined;
  const text = formatPhc(phc);
  const verify = (password: string) => verifyArgon2(text, password);
  return { memoryInKib: memory, estimatedMs: (memory / 1_024) * passes * 0.9, isWeak: false, verify };
}

interface ScryptCost {
  readonly N: number;
  readonly r: number;
  readonly p: number;
}

/** @param log2 name of the parameter for the binary logarithm of N */
function parseScryptCost({ params }: PhcString, log2: 'ln' | 'n'): ScryptCost | undefined {
  const [n, r, p] = [
    parseInteger(params[log2], 1, 31),
    ...[params.r, params.p].map((it) => parseInteger(it, 1, 2 ** 24)),
  ];
  return n === undefined || r === undefined || p === undefined ? undefined : { N: 2 ** n, r, p };
}

function scryptWork({ N, r, p }: ScryptCost) {
  return { memoryInKib: (N * r) / 8, estimatedMs: N * r * p * 0.0004, isWeak: false };
}

function runScrypt(password: string, salt: Buffer, bytes: number, cost: ScryptCost): Promise<Buffer> {
  return deriveScrypt(password, salt, bytes, { ...cost, maxmem: 256 * cost.r * (cost.N + cost.p) });
}

function readScrypt(phc: PhcString): ReturnType<Format> {
  const cost = hasNames(phc.params, ['ln', 'r', 'p']) ? parseScryptCost(phc, 'ln') : undefined;
  const { salt, hash } = phc;
  if (cost === undefined || hash.length < 16 || hash.length > 128) return undefined;
  const verify = async (password: string) =>
    constantTimeEqual(await runScrypt(password, salt, hash.length, cost), hash);
  return { ...scryptWork(cost), verify };
}

/** The key of scrypt encrypts the signer key of the project: `ss` is its salt separator, `sk` the signer key. */
function readFirebaseScrypt(phc: PhcString): ReturnType<Format> {
  const { v, ss = '', sk = '' } = phc.params;
  const isKnown = hasNames(phc.params, ['v', 'n', 'r', 'p', 'ss', 'sk']) && v === '1';
  const cost = isKnown ? parseScryptCost(phc, 'n') : undefined;
  const [separator, signerKey] = [ss, sk].map(decodeBase64);
  if (cost === undefined || separator === undefined || signerKey === undefined) return undefined;
  if (signerKey.length < 16 || phc.hash.length !== signerKey.length) return undefined;
  const verify = async (password: string) => {
    const key = await runScrypt(password, Buffer.concat([phc.salt, separator]), 32, cost);
    return constantTimeEqual(createCipheriv('aes-256-ctr', key, Buffer.alloc(16)).update(signerKey), phc.hash);
  };
  return { ...scryptWork(cost), verify };
}

const digestBytes = { md5: 16, sha1: 20, sha256: 32, sha512: 64 } as const;
type Digest = keyof typeof digestBytes;

/** @param roundMs one iteration of one block */
function pbkdf2Format(digest: Digest, roundMs: number): Format {
  return ({ params, salt, hash }) => {
    const iterations = parseInteger(params.i, 1, maxInteger);
    const isKnown = hasNames(params, ['i', 'l']) && params.l === String(hash.length);
    if (!isKnown || iterations === undefined || hash.length < 16 || hash.length > 512) return undefined;
    const blocks = Math.ceil(hash.length / digestBytes[digest]);
    const verify = async (password: string) =>
      constantTimeEqual(await derivePbkdf2(password, salt, iterations, hash.length, digest), hash);
    return { memoryInKib: 1, estimatedMs: iterations * blocks * roundMs, isWeak: false, verify };
  };
}

/** `s` says where the salt is: before or after the password. */
function digestFormat(digest: Digest): Format {
  return ({ params: { s, ...others }, salt, hash }) => {
    const isKnown = (s === 'before' || s === 'after') && hasNames(others, []) && hash.length === digestBytes[digest];
    if (!isKnown) return undefined;
    const verify = async (password: string) => {
      const parts = s === 'before' ? [salt, Buffer.from(password)] : [Buffer.from(password), salt];
      return constantTimeEqual(createHash(digest).update(Buffer.concat(parts)).digest(), hash);
    };
    return { memoryInKib: 1, estimatedMs: 0.01, isWeak: true, verify };
  };
}
