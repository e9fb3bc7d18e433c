import { fail } from '@latchkey/contract';
import type { Server } from 'socket.io';

/** `ACK` of Socket.IO's packet types (socket.io-protocol, version 5). */
const acknowledgement = 3;

/** Checks that an answer can be sent. Called before the commit, so that a call that cannot be answered has no effect. */
export type ResponseCheck = (call: string, data: unknown) => void;

interface ResponseCheckDeps {
  readonly io: Pick<Server, 'encoder'>;
  readonly maxResponseBytes: number;
}

/**
 * Makes the check of one api router. It encodes as the server will: with Socket.IO's own parser or the app's.
 *
 * Throws `payload_too_large` for an answer above `maxResponseBytes`; the encoder's error, such as `TypeError` for a
 * `BigInt` and `RangeError` for a circular object, for one that has no encoding.
 *
 * @throws TypeError when `maxResponseBytes` is no positive integer
 */
export function createResponseCheck({ io, maxResponseBytes }: ResponseCheckDeps): ResponseCheck {
  if (!(Number.isSafeInteger(maxResponseBytes) && maxResponseBytes > 0)) {
    throw new TypeError('maxResponseBytes has to be a positive integer');
  }
  return (call, data) => {
    const packet = { type: acknowledgement, nsp: '/', id: 0, data: [{ ok: true, data }] };
    const parts: readonly (string | Uint8Array)[] = io.encoder.encode(packet);
    const bytes = parts.reduce((sum, part) => sum + Buffer.byteLength(part), 0);
    if (bytes <= maxResponseBytes) return;
    const cause = new Error(`the answer of "${call}" has ${bytes} bytes; maxResponseBytes is ${maxResponseBytes}`);
    throw fail('payload_too_large', { message: 'The answer is too large to be sent.', cause });
  };
}
