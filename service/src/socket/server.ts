import type { Server as HttpServer, IncomingMessage } from 'node:http';
import {
  type Authority,
  type BrowserProtocol,
  type Clock,
  type Log,
  mountBrowserProtocol,
  socketServerOptions,
} from '@latchkey/sdk-server';
import proxyaddr from 'proxy-addr';
import { Server } from 'socket.io';
import type { Config } from '../config/config.ts';

export interface SocketDoor {
  readonly protocol: BrowserProtocol;
  /** Ends every connection. The HTTP server stays with whoever made it. */
  close(): Promise<void>;
}

/** Mounts the browser namespace on the HTTP server. */
export function createSocketDoor(deps: {
  http: HttpServer;
  authority: Authority;
  clock: Clock;
  log: Log;
  config: Pick<Config, 'frontEnds' | 'maxSocketsPerSession' | 'trustProxy'>;
}): SocketDoor {
  const { http, authority, clock, log, config } = deps;
  const frontEnds = new Set(config.frontEnds);
  const trust = proxyaddr.compile([...config.trustProxy]);
  const io = new Server(socketServerOptions({ isOriginAllowed: (origin) => frontEnds.has(origin) }));
  const protocol = mountBrowserProtocol(io, {
    authority,
    clock,
    log,
    limits: { socketsPerSession: config.maxSocketsPerSession },
    addressOf: (request: IncomingMessage) => proxyaddr(request, trust),
  });
  io.attach(http);
  return Object.freeze({
    protocol,
    async close() {
      protocol.close();
      io.disconnectSockets(true);
      io.engine.close();
    },
  });
}
