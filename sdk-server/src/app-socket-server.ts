import type { Server as HttpServer } from 'node:http';
import {
  type Authority,
  type BrowserProtocol,
  type Causes,
  createSocketServer,
  type DrainOptions,
  type DrainReport,
  defaultTimings,
  type EngineConnection,
  maskError,
  mountBrowserProtocol,
  type RefusalObserver,
  terminateConnection,
} from '@latchkey/core';
import {
  assertHttpServer,
  assertSocketServer,
  type Clock,
  type Logger,
  type SuspensionDetector,
} from '@latchkey/core/internal';
import type { Server } from 'socket.io';
import type { PresenceView } from './client/presence-cache.ts';
import { assertSocketServeOptions, createOriginCheck, type SocketServeOptions } from './options.ts';
import type { LocalUserSessions } from './session/local-user-sessions.ts';
import { observeAuthority } from './session/observe-authority.ts';
import { createUserSubscriptions } from './users/subscriptions.ts';

/**
 * HTTP servers with sockets: of two Socket.IO servers on one path, both would take each upgrade. For good, since a closed
 * one leaves its listeners on the HTTP server.
 */
const occupied = new WeakSet<HttpServer>();

/** The app's own Socket.IO server, once there is one. */
export function createAppSocketServer({
  onServed,
  sessions,
  userSessions,
  ...deps
}: {
  authority: Authority;
  clock: Clock;
  log: Logger;
  causes: Causes;
  suspension: SuspensionDetector | undefined;
  /** Under which clients reach the app. */
  publicUrl: string | undefined;
  sessions: Pick<LocalUserSessions, 'find'>;
  userSessions: PresenceView;
  /** Called for each refused event. */
  onRefused: RefusalObserver;
  /** Called with the server once it exists. */
  onServed?: (io: Server, httpServer: HttpServer) => void;
}) {
  let served: { io: Server; protocol: BrowserProtocol; closeSockets: () => void } | undefined;

  return Object.freeze({
    socketServe(httpServer: HttpServer, options: SocketServeOptions): Server {
      // Two servers would report two different numbers of a session's sockets.
      if (served) throw new TypeError('socketServe was called before; one Socket.IO server serves the whole backend');
      assertHttpServer('socketServe', httpServer);
      if (occupied.has(httpServer))
        throw new TypeError('another latchkey has called socketServe with this HTTP server');
      assertSocketServeOptions(options);
      const { adapter, origins, appUrl, longPolling, users, ...protocolOptions } = options;
      const isOriginAllowed = safeOriginCheck(
        createOriginCheck({ origins, appUrl }),
        deps.causes,
        options.settingNames,
      );
      const io = createSocketServer(httpServer, { isOriginAllowed, longPolling, adapter });
      occupied.add(httpServer);
      const subscriptions = createUserSubscriptions({ ...deps, io, users, sessions, userSessions });
      const authority = observeAuthority(deps.authority, {
        onGranted: ({ sid }) => subscriptions.recheckSession(sid),
      });
      const { closeTimeoutMs } = { ...defaultTimings, ...options.timings };
      served = {
        io,
        protocol: mountBrowserProtocol(io, { ...deps, ...protocolOptions, authority }),
        closeSockets() {
          subscriptions.close();
          closeSockets(io, deps.clock, closeTimeoutMs);
        },
      };
      onServed?.(io, httpServer);
      return io;
    },
    /** @throws TypeError when it is not the Socket.IO server of `socketServe`: its sockets never sign in */
    assertOwnServer(io: Server) {
      assertSocketServer('apiRouter', io);
      if (io !== served?.io)
        throw new TypeError(
          'apiRouter takes the Server that socketServe of this latchkey returned; its sockets sign in',
        );
    },
    /** Sockets of the server. */
    counts: () => served?.protocol.counts() ?? { sockets: 0, authenticated: 0 },
    async drain(options: DrainOptions): Promise<DrainReport> {
      const report = (await served?.protocol.drain(options)) ?? { notified: 0, terminated: 0 };
      // The process may end now, with causes that were counted and not logged yet.
      deps.causes.close();
      return report;
    },
    close() {
      served?.protocol.close();
      served?.closeSockets();
    },
  });
}

/** Reports a check of the app that gives no answer: every origin is refused then. */
function safeOriginCheck(
  isAllowed: (origin: string) => unknown,
  causes: Causes,
  names: SocketServeOptions['settingNames'],
): (origin: string) => boolean {
  return (origin) => {
    try {
      const answer = isAllowed(origin);
      if (typeof answer === 'boolean') return answer;
      // A promise that rejects would end the process.
      if (answer instanceof Promise) answer.catch(() => {});
      const returned = answer instanceof Promise ? 'a promise' : typeof answer;
      causes.report('origins_unusable', { returned }, { ...names });
    } catch (error) {
      causes.report('origins_unusable', { err: maskError(error, []) }, { ...names });
    }
    return false;
  };
}

/** Closes the sockets, and terminates those that do not close in time. `io.close()` would close the app's HTTP server. */
function closeSockets({ engine }: Server, clock: Clock, closeTimeoutMs: number): void {
  // Engine.IO's types hide its clients.
  const clients = Object.values((engine as unknown as { clients: Record<string, EngineConnection> }).clients);
  engine.close();
  clock.after(closeTimeoutMs, () => clients.forEach(terminateConnection));
}
