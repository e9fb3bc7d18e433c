import { peekJwtPayload } from '../jwt/peek-jwt.ts';
import type { TokenBucket } from './connection.ts';

/** Takes one from an allowance of `capacity` that fills by `perSecond`; false: nothing left. */
export function takeToken(bucket: TokenBucket, capacity: number, perSecond: number, now: number): boolean {
  const filled = bucket.tokens + ((now - bucket.updatedAt) / 1_000) * perSecond;
  bucket.tokens = Math.min(capacity, filled);
  bucket.updatedAt = now;
  if (bucket.tokens < 1) return false;
  bucket.tokens -= 1;
  return true;
}

/**
 * The session a code or token claims to be of, without any check of it: good enough to refuse a socket too many before
 * anything is rotated, never to allow one.
 */
export function peekSessionId(credential: string): string | undefined {
  const sid = peekJwtPayload(credential)?.sid;
  return typeof sid === 'string' && sid.length <= 64 ? sid : undefined;
}

/** Members of Engine.IO's connection that show a slow reader. Its own types hide the WebSocket. */
export interface EngineConnection {
  readonly readyState: string;
  readonly writeBuffer: readonly { data?: string | Buffer }[];
  readonly transport: { readonly socket?: EngineWebSocket };
  close(discard?: boolean): void;
  once(event: 'close', listener: () => void): unknown;
}

/** What of it holds packets that were not sent yet. */
type WriteQueue = Pick<EngineConnection, 'writeBuffer'> & {
  readonly transport: { readonly socket?: Pick<EngineWebSocket, 'bufferedAmount'> };
};

interface EngineWebSocket {
  readonly bufferedAmount: number;
  readonly readyState: number;
  readonly CLOSED: number;
  terminate(): void;
  once(event: 'close', listener: () => void): unknown;
}

const everyNth = 64;
const largeBytes = 16_384;

/** Closes the connection at once and drops its buffered messages. Its client reconnects automatically. */
export function terminateConnection(engine: EngineConnection): void {
  const { socket } = engine.transport;
  if (socket) socket.terminate();
  else engine.close(true);
}

/**
 * Closes the connection at once, and drops received packets too, because one network read can hold thousands of packets that
 * would all be answered.
 */
export function discardConnection(engine: EngineConnection): void {
  engine.close(true);
  engine.transport.socket?.terminate();
}

/**
 * Calls `listener` once the connection of the network is closed. Engine.IO reports a WebSocket as closed when its close
 * frame is queued; a process that ended then would lose what the client has not read.
 */
export function onTransportClosed(engine: EngineConnection, listener: () => void): void {
  const { socket } = engine.transport;
  const isClosed = socket === undefined ? engine.readyState === 'closed' : socket.readyState === socket.CLOSED;
  if (isClosed) listener();
  else (socket ?? engine).once('close', listener);
}

/**
 * True when more than `limitBytes` wait for the reader. The queue is summed while it is short, for large packets, and
 * at each 64th packet: a sum at every packet would be quadratic in a long queue.
 */
export function isBacklogged(engine: WriteQueue, packet: { data?: unknown }, limitBytes: number): boolean {
  const { writeBuffer } = engine;
  if (writeBuffer.length >= everyNth && writeBuffer.length % everyNth !== 0 && !isLarge(packet.data)) return false;
  return bufferedBytes(engine) > limitBytes;
}

/** Bytes that the connection has not sent yet. @param engine Socket.IO's `socket.conn` */
export function bufferedBytes(engine: object): number {
  const { writeBuffer, transport } = engine as WriteQueue;
  let bytes = transport.socket?.bufferedAmount ?? 0;
  for (const queued of writeBuffer) bytes += sizeOf(queued.data);
  return bytes;
}

/** True when the details of a `disconnect` say that ws refused a message above `maxHttpBufferSize` (close code 1009). */
export function isMessageTooLarge(details: unknown): boolean {
  return details instanceof Error && details.message.includes('Max payload size exceeded');
}

export function isLarge(data: unknown): boolean {
  return sizeOf(data) > largeBytes;
}

export function sizeOf(data: unknown): number {
  return typeof data === 'string' || Buffer.isBuffer(data) ? data.length : 0;
}
