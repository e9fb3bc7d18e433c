import { createPrivateKey, type KeyObject } from 'node:crypto';
import { unwrapBytes, type WrappedBytes, type WrappingKeys, wrapBytes } from '../../base/wrap.ts';

/** A private key as PKCS #8, encrypted for the row of its `kid`. */
export function wrapKey(wrap: WrappingKeys, kid: string, privateKey: KeyObject): WrappedBytes {
  const plain = privateKey.export({ format: 'der', type: 'pkcs8' });
  const wrapped = wrapBytes(wrap, kid, plain);
  plain.fill(0);
  return wrapped;
}

/** `undefined` when this node lacks the secret, or the bytes are not what was wrapped. */
export function unwrapKey(wrap: WrappingKeys, kid: string, wrapped: WrappedBytes): KeyObject | undefined {
  const plain = unwrapBytes(wrap, kid, wrapped);
  if (plain === undefined) return undefined;
  try {
    return createPrivateKey({ key: plain, format: 'der', type: 'pkcs8' });
  } catch {
    return undefined;
  }
}
