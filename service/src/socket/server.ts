import type { Server as HttpServer, IncomingMessage } from 'node:http';
import {
  type Authority,
  type Clock,
  type DrainOptions,
  type DrainReport,
  mountBrowserProtocol,
  socketServerOptions,
} from '@latchkey/sdk-server';
import proxyaddr from 'proxy-addr';
import { Server } from 'socket.io';
import type { Config } from '../config/config.ts';
import type { Log } from '../ops/log.ts';
import { type BackendNamespaceDeps, mountBackendNamespace } from './backend/namespace.ts';

export interface SocketDoor {
  /** Tells browsers and backends to come back elsewhere; resolves once their calls are answered. */
  drain(options: DrainOptions): Promise<DrainReport>;
  /** Ends every connection. The HTTP server stays with whoever made it. */
  close(): Promise<void>;
}

/** Mounts the namespaces of browsers and of backends on the HTTP server. */
export function createSocketDoor(deps: {
  http: HttpServer;
  authority: Authority;
  clock: Clock;
  log: Log;
  backends: Omit<BackendNamespaceDeps, 'clock' | 'log'>;
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
  const backends = mountBackendNamespace(io, { ...deps.backends, clock, log });
  io.attach(http);
  return Object.freeze({
    async drain(options: DrainOptions) {
      // Browsers first: whoever was relayed may still be told through its backend.
      const report = await protocol.drain(options);
      await backends.drain(options);
      return report;
    },
    async close() {
      protocol.close();
      backends.close();
      io.disconnectSockets(true);
      io.engine.close();
    },
  });
}
