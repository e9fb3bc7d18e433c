import type { Server as HttpServer } from 'node:http';
import { createOriginMatcher, type ErrorCode } from '@latchkey/contract';
import {
  type Authority,
  authenticatedRoom,
  createCauses,
  createSocketServer,
  type DrainOptions,
  mountBrowserProtocol,
} from '@latchkey/core';
import type { Clock } from '@latchkey/core/internal';
import type { Server } from 'socket.io';
import { delay } from '../base/delay.ts';
import type { ServiceLogger } from '../ops/logger.ts';
import { type AdminUpdatesDeps, mountAdminUpdates } from './admin/updates.ts';
import { type BackendNamespaceDeps, mountBackendNamespace } from './backend/namespace.ts';
import { type BrowserConfig, browserOptions } from './browser/options.ts';

/** Takes what was refused: an event of a browser (`socket`), or a call of a backend. */
export type SocketRefusalObserver = (transport: 'socket' | 'backend', endpoint: string, code: ErrorCode) => void;

export type ServiceSockets = ReturnType<typeof createServiceSockets>;

/** Mounts the namespaces of browsers, operators among them, and of backends on the HTTP server. */
export function createServiceSockets(deps: {
  http: HttpServer;
  authority: Authority;
  clock: Clock;
  log: ServiceLogger;
  backends: Omit<BackendNamespaceDeps, 'clock' | 'log'>;
  admin: AdminUpdatesDeps['flows'];
  config: BrowserConfig;
  /** Called for each refused event or call. Default: nothing. */
  onRefused?: SocketRefusalObserver | undefined;
}) {
  const { http, authority, clock, log, config, onRefused = () => {} } = deps;
  const { suspension } = deps.backends;
  const { origins, longPolling, ...browsers } = browserOptions(config);
  const io = createSocketServer(http, { isOriginAllowed: createOriginMatcher(origins), longPolling });
  const causes = createCauses({ log, clock });
  const protocol = mountBrowserProtocol(io, {
    ...{ authority, clock, log, suspension, causes, ...browsers },
    onRefused: (event, code) => onRefused('socket', event, code),
    onUnavailable: (fields) => deps.backends.causes.report('requests_unavailable', fields),
  });
  const backends = mountBackendNamespace(io, {
    ...{ ...deps.backends, clock, log },
    onRefused: (call, code) => onRefused('backend', call, code),
  });
  const operators = mountAdminUpdates(io, { flows: deps.admin, clock, log, causes: deps.backends.causes });
  return Object.freeze({
    counts: () => socketCounts(io, { backends, operators }),
    /** Causes of refusals on sockets of browsers. */
    causes,
    /** Sends `server_drain` to browsers and backends. Resolves once their calls are answered. */
    async drain(options: DrainOptions) {
      // Browsers first, because relayed sockets are notified through their backends.
      const report = await protocol.drain(options);
      await backends.drain(options);
      return report;
    },
    /** Closes every connection. Does not close the HTTP server. */
    async close() {
      await waitForDisconnects(io, clock);
      protocol.close();
      backends.close();
      operators.close();
      causes.close();
      io.disconnectSockets(true);
      io.engine.close();
    },
  });
}

/** Open sockets of each kind. `unauthenticated` and `admin` are browsers as well. */
export function socketCounts(
  io: Server,
  { backends, operators }: Readonly<Record<'backends' | 'operators', { count(): number }>>,
) {
  const { sockets, adapter } = io.of('/');
  const browser = sockets.size;
  const authenticated = adapter.rooms.get(authenticatedRoom)?.size ?? 0;
  return {
    ...{ browser, unauthenticated: browser - authenticated },
    ...{ admin: operators.count(), backend: backends.count() },
  };
}

const maxCloseMs = 2_000;

/**
 * After a drain: resolves once every connection is closed, or after a timeout. Closing the server earlier would lose
 * the last messages.
 */
export async function waitForDisconnects(io: Server, clock: Clock): Promise<void> {
  const until = clock.monotonic() + maxCloseMs;
  while (io.engine.clientsCount > 0 && clock.monotonic() < until) await delay(clock, 20);
}
