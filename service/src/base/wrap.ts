import { createCipheriv, createDecipheriv, type KeyObject } from 'node:crypto';
import { randomBuffer } from './bytes.ts';

/** Keys that wrap data at rest, 32 bytes each, by the id of the secret that they are derived from. */
export interface WrappingKeys {
  readonly currentKid: string;
  key(kid: string): KeyObject | undefined;
}

export interface WrappedBytes {
  /** 12 bytes nonce, the data in AES-256-GCM (NIST SP 800-38D), 16 bytes tag. */
  readonly bytes: Buffer;
  readonly wrapKid: string;
}

const nonceBytes = 12;
const tagBytes = 16;

/** Encrypts `plain` for the row `id`. The id is authenticated as well, so that the data of two rows cannot be swapped. */
export function wrapBytes(keys: WrappingKeys, id: string, plain: Uint8Array): WrappedBytes {
  const key = keys.key(keys.currentKid);
  if (key === undefined) throw new TypeError('keys.key(keys.currentKid) has to give a key.');
  const nonce = randomBuffer(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(id));
  const bytes = Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  return { bytes, wrapKid: keys.currentKid };
}

/** `undefined` when this node lacks the secret, or the bytes are not what was wrapped for this row. */
export function unwrapBytes(keys: WrappingKeys, id: string, { bytes, wrapKid }: WrappedBytes): Buffer | undefined {
  const key = keys.key(wrapKid);
  if (key === undefined || bytes.length < nonceBytes + tagBytes) return undefined;
  const tagAt = bytes.length - tagBytes;
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes });
  decipher.setAAD(Buffer.from(id)).setAuthTag(bytes.subarray(tagAt));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(nonceBytes, tagAt)), decipher.final()]);
  } catch {
    return undefined;
  }
}
