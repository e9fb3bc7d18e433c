import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http';
import { assertOptions, connectionKeyNames, type OptionNames } from '@latchkey/contract';
import { Server, type ServerOptions } from 'socket.io';
import { BoundedWebSocketServer } from './web-socket-server.ts';

/** Settings of a Socket.IO server for {@link socketServerOptions}. */
export interface SocketServerOptionsInput {
  /** Decides about the `Origin` header of a browser; `'null'` is an origin, too. */
  readonly isOriginAllowed: (origin: string) => boolean;
  /**
   * Offers long polling beside WebSocket, for networks that carry no WebSocket. Several nodes then need sticky sessions.
   * Clients show a connection key (docs/reference/protocol.md). Default: false.
   */
  readonly longPolling?: boolean | undefined;
}

interface SocketServerInput extends SocketServerOptionsInput {
  /** Socket.IO's adapter. Default: this process only. */
  readonly adapter?: ServerOptions['adapter'] | undefined;
}

const names: OptionNames<SocketServerInput> = { isOriginAllowed: 'function', longPolling: 'boolean', adapter: true };

/**
 * Socket.IO server options of every host of the browser protocol: WebSocket only (no sticky sessions needed) unless
 * `longPolling` is set, messages of 64 KB at most, no deflate, no state recovery (it would skip authentication), no
 * client script. {@link createSocketServer} makes a server with them.
 *
 * The origin is checked at each request of the engine, because `cors` does not guard a WebSocket: a page of another origin
 * gets 403. A request without an `Origin` header is allowed, because browsers always send one: such a client has no cookies
 * and no token storage, and could send any origin.
 *
 * @throws TypeError for an unknown option, or one of another kind
 * @example
 * const io = new Server(httpServer, socketServerOptions({ isOriginAllowed: (origin) => allowed.has(origin) }));
 */
export function socketServerOptions(input: SocketServerOptionsInput): Partial<ServerOptions> {
  assertOptions('socketServerOptions', input, names);
  const { longPolling = false } = input;
  const isOriginAllowed = (origin: string | undefined) => isAllowed(origin, input.isOriginAllowed);
  return {
    transports: longPolling ? ['polling', 'websocket'] : ['websocket'],
    wsEngine: BoundedWebSocketServer,
    maxHttpBufferSize: 65_536,
    perMessageDeflate: false,
    httpCompression: false,
    serveClient: false,
    connectTimeout: 5_000,
    upgradeTimeout: 5_000,
    cors: {
      origin: (origin, answer) => answer(null, origin !== undefined && isOriginAllowed(origin)),
      methods: ['GET', 'POST'],
      allowedHeaders: ['Content-Type', connectionKeyNames.header],
      // For cookies of a load balancer that keeps a client at one node; nothing here is decided by a cookie.
      credentials: true,
      maxAge: 600,
    },
    allowRequest: ({ headers }: IncomingMessage, answer) => answer(null, isOriginAllowed(headers.origin)),
  };
}

/**
 * A Socket.IO server on an HTTP server, for `mountBrowserProtocol`. Requests under its path reach no other listener
 * of the HTTP server, whenever that is added.
 *
 * @example
 * const io = createSocketServer(httpServer, { isOriginAllowed: (origin) => allowed.has(origin) });
 */
export function createSocketServer(httpServer: HttpServer, { adapter, ...input }: SocketServerInput): Server {
  const io = new Server(httpServer, {
    ...socketServerOptions(input),
    ...(adapter === undefined ? {} : { adapter }),
  });
  routeRequests(httpServer, io);
  ignoreOtherUpgrades(httpServer);
  return io;
}

function isAllowed(origin: string | undefined, isOriginAllowed: (origin: string) => boolean): boolean {
  try {
    // Not just truthy: the promise of an asynchronous check would allow every origin.
    return origin === undefined || isOriginAllowed(origin) === true;
  } catch {
    // A host's `new URL(origin)` throws on garbage; here that would end the process.
    return false;
  }
}

/** Of Node since 22.21 and 24.9: false makes a request with the header `Upgrade` an ordinary one. */
interface UpgradeChoice {
  shouldUpgradeCallback?: (request: IncomingMessage) => boolean;
}

/**
 * Serves a request that offers another protocol than WebSocket, such as `Upgrade: h2c`, as an ordinary one (RFC 9110 §7.8).
 * Node gives each of them to the listeners of `upgrade`, and Socket.IO's closes the connection. A further listener may be for
 * such a protocol. An older Node has no choice.
 */
function ignoreOtherUpgrades(httpServer: HttpServer & UpgradeChoice): void {
  if (httpServer.shouldUpgradeCallback === undefined) return;
  httpServer.shouldUpgradeCallback = ({ headers }) =>
    headers.upgrade?.toLowerCase() === 'websocket' || httpServer.listenerCount('upgrade') > 1;
}

/**
 * Gives requests under the path of Socket.IO to its engine alone. Socket.IO hides them from listeners that are there when
 * it is attached; an app that adds its own afterwards (`server.on('request', app)`) would answer them a second time, which
 * ends the process.
 */
function routeRequests(httpServer: HttpServer, io: Server): void {
  const prefix = `${io.path()}/`;
  const emit = httpServer.emit.bind(httpServer) as (event: string | symbol, ...args: unknown[]) => boolean;

  httpServer.emit = (event: string | symbol, ...args: unknown[]): boolean => {
    const [request, response] = args as [IncomingMessage, ServerResponse];
    if (event !== 'request' || request.url?.startsWith(prefix) !== true) return emit(event, ...args);
    io.engine.handleRequest(request as Parameters<Server['engine']['handleRequest']>[0], response);
    return true;
  };
}
