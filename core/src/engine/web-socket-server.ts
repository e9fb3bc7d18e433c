import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';

/** Time from the server's close frame to the end of the TCP connection when the client does not answer, in milliseconds. */
const closeTimeoutMs = 2_000;

/**
 * Fragments of one message, and pieces of one frame as TCP delivers them. Each is an object of its own, so that 64 KiB in
 * single bytes hold 10 MB; the defaults of ws allow that.
 */
const maxPieces = 1_024;

/** Pings that came while a pong was being written: only the latest is kept. */
const pending = new WeakMap<WebSocket, { latest: Buffer | undefined }>();

/**
 * Answers a ping after the pong before it has been written, and then the latest ping only, as RFC 6455 §5.5.3 allows: a
 * client that sends pings and reads nothing uses the memory of one pong.
 */
function answerPing(webSocket: WebSocket, data: Buffer): void {
  const state: { latest: Buffer | undefined } = { latest: undefined };
  pending.set(webSocket, state);
  webSocket.pong(data, false, () => {
    pending.delete(webSocket);
    if (state.latest !== undefined && webSocket.readyState === webSocket.OPEN) answerPing(webSocket, state.latest);
  });
}

// One function for all WebSockets: each has little memory of its own.
function onPing(this: WebSocket, data: Buffer): void {
  const state = pending.get(this);
  if (state === undefined) answerPing(this, data);
  else state.latest = data;
}

/**
 * The WebSocket server of the engine (Engine.IO's `wsEngine`). Every WebSocket is bounded from its first frame on,
 * whichever connection it belongs to or is upgraded into.
 */
export class BoundedWebSocketServer extends WebSocketServer {
  constructor(options: ServerOptions) {
    // The types of ws lack all but autoPong.
    const bounds = {
      autoPong: false,
      closeTimeout: closeTimeoutMs,
      maxFragments: maxPieces,
      maxBufferedChunks: maxPieces,
    };
    super({ ...options, ...bounds });
  }

  override handleUpgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    callback: (client: WebSocket, request: IncomingMessage) => void,
  ): void {
    super.handleUpgrade(request, socket, head, (client, upgraded) => {
      client.on('ping', onPing);
      callback(client, upgraded);
    });
  }
}
