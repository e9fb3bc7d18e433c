import { fail } from '../platform/fail.ts';
import type { LatchkeySocket } from './connection.ts';

/** Socket.IO packet type `EVENT`. */
const eventType = 2;
/** An acknowledgement id with the largest number of digits. */
const longestAckId = 9_999_999;

/** Members of socket.io-client's manager that its types hide. A socket of a test may lack them. */
interface Manager {
  readonly encoder?: { encode(packet: object): readonly (string | ArrayBuffer | ArrayBufferView | Blob)[] };
  readonly engine?: { readonly _maxPayload?: number };
}

function bytesOf(part: string | ArrayBuffer | ArrayBufferView | Blob): number {
  // Plus one byte for the Engine.IO packet type, which binary parts do not have.
  if (typeof part === 'string') return new TextEncoder().encode(part).length + 1;
  return part instanceof Blob ? part.size : part.byteLength;
}

/**
 * Returns the size of the event's largest message in bytes, as Socket.IO encodes it, or 0 if it is unknown. The server would close
 * the connection for a message above its `maxPayload`.
 *
 * Throws `payload_too_large` for an event above that limit, and errors of the encoder.
 */
export function checkMessageSize({ io }: LatchkeySocket, data: readonly unknown[]): number {
  const { encoder, engine } = io as unknown as Manager;
  if (encoder === undefined) return 0;
  const bytes = Math.max(...encoder.encode({ type: eventType, nsp: '/', id: longestAckId, data }).map(bytesOf));
  const maxPayload = engine?._maxPayload ?? 0;
  if (maxPayload > 0 && bytes > maxPayload)
    throw payloadTooLarge(`The message has ${bytes} bytes. The limit of the server is ${maxPayload}.`);
  return bytes;
}

/** Smallest size that a peer closes a connection for. */
const suspectBytes = 16_384;

/** True if the peer closed the connection for a message of that size (RFC 6455 §7.4.1, or HTTP 413 when polling). */
export function isClosedForSize(details: unknown, bytes: number): boolean {
  const { context, description } = Object(details) as { context?: { code?: unknown }; description?: unknown };
  return bytes >= suspectBytes && (context?.code === 1009 || description === 413);
}

/** Returns the error `payload_too_large`. */
export function payloadTooLarge(message: string) {
  return fail('payload_too_large', { message });
}
