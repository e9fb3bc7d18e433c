import type { IncomingMessage } from 'node:http';
import type { ServerOptions } from 'socket.io';

export interface SocketServerOptionsInput {
  /** Decides about the `Origin` header of a browser; `'null'` is an origin, too. */
  readonly isOriginAllowed: (origin: string) => boolean;
}

/**
 * Socket.IO server options of every host of the browser protocol: WebSocket only (no sticky sessions needed), messages
 * of 64 KB at most, no deflate, no state recovery (it would skip authentication), no client script.
 *
 * The origin is checked at the upgrade, because `cors` does not guard it: a page of another origin gets 403. A request
 * without an `Origin` header is allowed on purpose: browsers always send one, so it is no browser, holds no cookies and
 * no jar, and could send any origin it likes. Long polling: spread the result and set `transports`; nodes then need
 * sticky sessions.
 *
 * @example
 * const io = new Server(httpServer, socketServerOptions({ isOriginAllowed: (origin) => allowed.has(origin) }));
 */
export function socketServerOptions({ isOriginAllowed }: SocketServerOptionsInput): Partial<ServerOptions> {
  return {
    transports: ['websocket'],
    maxHttpBufferSize: 65_536,
    perMessageDeflate: false,
    httpCompression: false,
    serveClient: false,
    connectTimeout: 5_000,
    allowRequest: (request, callback) => callback(null, isRequestAllowed(request, isOriginAllowed)),
  };
}

function isRequestAllowed(request: IncomingMessage, isOriginAllowed: (origin: string) => boolean): boolean {
  const { origin } = request.headers;
  try {
    // Not just truthy: a promise, of a check that takes its time, would be a yes to everybody.
    return origin === undefined || isOriginAllowed(origin) === true;
  } catch {
    // A host's `new URL(origin)` throws on garbage; here that would end the process.
    return false;
  }
}
