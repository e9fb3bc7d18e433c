import { createCipheriv, createDecipheriv, createPrivateKey, type KeyObject } from 'node:crypto';
import { randomBuffer } from '../../base/bytes.ts';

/** Keys that wrap signing keys at rest, 32 bytes each, by the id of the secret they come from. */
export interface WrappingKeys {
  readonly currentKid: string;
  key(kid: string): KeyObject | undefined;
}

export interface WrappedKey {
  /** 12 bytes nonce, PKCS #8 in AES-256-GCM (NIST SP 800-38D), 16 bytes tag. */
  readonly bytes: Buffer;
  readonly wrapKid: string;
}

const nonceBytes = 12;
const tagBytes = 16;

/** The signing key's own id is bound to it, so that two rows cannot be swapped. */
export function wrapKey(wrap: WrappingKeys, kid: string, privateKey: KeyObject): WrappedKey {
  const key = wrap.key(wrap.currentKid);
  if (key === undefined) throw new TypeError('wrap.key(wrap.currentKid) has to give a key.');
  const nonce = randomBuffer(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(kid));
  const plain = privateKey.export({ format: 'der', type: 'pkcs8' });
  const bytes = Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
  plain.fill(0);
  return { bytes, wrapKid: wrap.currentKid };
}

/** `undefined` when this node lacks the secret, or the bytes are not what was wrapped. */
export function unwrapKey(wrap: WrappingKeys, kid: string, { bytes, wrapKid }: WrappedKey): KeyObject | undefined {
  const key = wrap.key(wrapKid);
  if (key === undefined || bytes.length <= nonceBytes + tagBytes) return undefined;
  const tagAt = bytes.length - tagBytes;
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes });
  decipher.setAAD(Buffer.from(kid)).setAuthTag(bytes.subarray(tagAt));
  try {
    const plain = Buffer.concat([decipher.update(bytes.subarray(nonceBytes, tagAt)), decipher.final()]);
    return createPrivateKey({ key: plain, format: 'der', type: 'pkcs8' });
  } catch {
    return undefined;
  }
}
