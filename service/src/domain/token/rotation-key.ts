import { fail } from '@latchkey/contract';
import { fromBase64url, randomBuffer, sha256 } from '../../base/bytes.ts';

const keyBytes = 16;

/**
 * What the row remembers of a rotation key: SHA-256("latchkey-rk" ‖ sid ‖ key), its first 16 bytes. Bound to the
 * session, so that a key used twice is seen.
 */
function rotationKeyHash(sid: string, key: Uint8Array): Buffer {
  return sha256('latchkey-rk', sid, key).subarray(0, keyBytes);
}

/**
 * The tags of a request, the new key's first. A client without a key gets a random one, which no request can repeat.
 *
 * @throws invalid_request a key is not 16 bytes of base64url
 */
export function rotationKeyHashes(
  sid: string,
  rotationKey: string | undefined,
  alsoRotationKeys: readonly string[],
): Buffer[] {
  const first = rotationKey === undefined ? randomBuffer(keyBytes) : parseKey(rotationKey);
  return [first, ...alsoRotationKeys.map(parseKey)].map((bytes) => rotationKeyHash(sid, bytes));
}

function parseKey(text: string): Buffer {
  const bytes = fromBase64url(text);
  if (bytes.length !== keyBytes) throw fail('invalid_request', { message: 'A rotation key has to be 16 bytes.' });
  return bytes;
}
