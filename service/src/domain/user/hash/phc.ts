/** The parts of a PHC string: `$id$name=value,…$salt$hash`. */
export interface PhcString {
  readonly id: string;
  readonly params: Readonly<Record<string, string>>;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

/**
 * Reads a string in the format of the Password Hashing Competition. Base64 is taken with padding as well, and with the
 * characters that passlib and URLs have in place of `+` and `/`.
 *
 * @returns `undefined` for any other text
 * @example parsePhc('$scrypt$ln=14,r=8,p=1$c29tZXNhbHQ$…'); // { id: 'scrypt', params: { ln: '14', r: '8', p: '1' }, … }
 */
export function parsePhc(text: string): PhcString | undefined {
  const [before, id = '', ...rest] = text.split('$');
  const [salt, hash] = rest.splice(-2).map(decodeBase64);
  const params = rest.flatMap((part) => part.split(',')).map((pair) => /^([a-z]+)=(.*)$/.exec(pair)?.slice(1));
  if (before !== '' || id === '' || rest.length === 0 || salt === undefined || hash === undefined) return undefined;
  if (params.some((pair) => pair === undefined)) return undefined;
  return { id, params: Object.fromEntries(params as [string, string][]), salt, hash };
}

/** The text of a PHC string. `version` is a part of its own, as argon2 has it. */
export function formatPhc({ id, params: { v, ...params }, salt, hash }: PhcString): string {
  const version = v !== undefined && id.startsWith('argon2') ? [`v=${v}`] : [];
  const pairs = Object.entries({ ...(version.length === 0 && v !== undefined ? { v } : {}), ...params });
  const list = pairs.map(([name, value]) => `${name}=${value}`).join(',');
  return ['', id, ...version, list, encodeBase64(salt), encodeBase64(hash)].join('$');
}

/** Base64 of any of its alphabets, padded or not; `undefined` for other text. */
export function decodeBase64(text: string): Buffer | undefined {
  const plain = text
    .replace(/={1,2}$/, '')
    .replaceAll(/[.-]/g, '+')
    .replaceAll('_', '/');
  const isBase64 = /^[A-Za-z0-9+/]*$/.test(plain) && plain.length % 4 !== 1;
  return isBase64 ? Buffer.from(plain, 'base64') : undefined;
}

/** The standard alphabet without padding. */
function encodeBase64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}

/** A whole number of the given range as a parameter has it, without leading zeros. */
export function parseInteger(text: string | undefined, min: number, max: number): number | undefined {
  if (text === undefined || !/^(0|[1-9]\d{0,9})$/.test(text)) return undefined;
  const value = Number(text);
  return value >= min && value <= max ? value : undefined;
}
