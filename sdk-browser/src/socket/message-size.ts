import { fail } from '../fail.ts';
import type { LatchkeySocket } from './connection.ts';

/** `EVENT` of Socket.IO's packet types. */
const eventType = 2;
/** As long as ids of acknowledgements get; its digits count. */
const longestAckId = 9_999_999;

/** The parts of socket.io-client that its types hide. A socket of a test may have none of them. */
interface Manager {
  readonly encoder?: { encode(packet: object): readonly (string | ArrayBuffer | ArrayBufferView | Blob)[] };
  readonly engine?: { readonly _maxPayload?: number };
}

function bytesOf(part: string | ArrayBuffer | ArrayBufferView | Blob): number {
  // One more for Engine.IO's packet type, which binary parts do not have.
  if (typeof part === 'string') return new TextEncoder().encode(part).length + 1;
  return part instanceof Blob ? part.size : part.byteLength;
}

/**
 * Returns the bytes of the event's largest message, as socket.io encodes it; 0 where that cannot be known. A message above
 * the server's `maxPayload` would close the connection instead of being answered.
 *
 * Throws `payload_too_large` for an event above that limit, and what the encoder throws.
 */
export function checkMessageSize({ io }: LatchkeySocket, data: readonly unknown[]): number {
  const { encoder, engine } = io as unknown as Manager;
  if (encoder === undefined) return 0;
  const bytes = Math.max(...encoder.encode({ type: eventType, nsp: '/', id: longestAckId, data }).map(bytesOf));
  const maxPayload = engine?._maxPayload ?? 0;
  if (maxPayload > 0 && bytes > maxPayload)
    throw payloadTooLarge(`The message has ${bytes} bytes; the server takes ${maxPayload}.`);
  return bytes;
}

/** Smaller messages are not what a peer closed the connection for. */
const suspectBytes = 16_384;

/** True when the peer closed the connection for a message of that size (RFC 6455 §7.4.1, or HTTP 413 when polling). */
export function isClosedForSize(details: unknown, bytes: number): boolean {
  const { context, description } = Object(details) as { context?: { code?: unknown }; description?: unknown };
  return bytes >= suspectBytes && (context?.code === 1009 || description === 413);
}

export function payloadTooLarge(message: string) {
  return fail('payload_too_large', { message });
}
