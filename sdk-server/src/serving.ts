import type { Server as HttpServer } from 'node:http';
import type { Server } from 'socket.io';
import type { Causes } from './cause/causes.ts';
import type { Clock } from './clock.ts';
import { createSocketServer } from './engine/socket-server.ts';
import { assertHttpServer, assertSocketServer } from './framework.ts';
import type { UserSessions } from './link/user-session-reader.ts';
import type { Log } from './log.ts';
import { assertSocketServe, originCheck, type SocketServeOptions } from './options.ts';
import { followAuthority } from './session/follow-authority.ts';
import type { LocalUserSessions } from './session/local-user-sessions.ts';
import type { Authority } from './socket/authority.ts';
import { cutConnection, type EngineConnection } from './socket/limits.ts';
import { mountBrowserProtocol } from './socket/namespace.ts';
import { type BrowserProtocol, type DrainOptions, type DrainReport, defaultTimings } from './socket/options.ts';
import { maskError } from './socket/trouble.ts';
import type { SuspensionWatch } from './suspension.ts';
import { createUserSubscriptions } from './users/subscriptions.ts';

/**
 * HTTP servers with sockets: of two Socket.IO servers on one path, both would take each upgrade. For good, since a closed
 * one leaves its listeners on the HTTP server.
 */
const occupied = new WeakSet<HttpServer>();

/** The app's own Socket.IO server, once there is one. */
interface Serving {
  socketServe(httpServer: HttpServer, options: SocketServeOptions): Server;
  /** @throws TypeError when it is not the Socket.IO server of {@link Serving.socketServe}: its sockets never sign in */
  assertServed(io: Server): void;
  drain(options: DrainOptions): Promise<DrainReport>;
  close(): void;
}

export function createServing({
  onServed,
  sessions,
  userSessions,
  ...around
}: {
  authority: Authority;
  clock: Clock;
  log: Log;
  causes: Causes;
  suspension: SuspensionWatch | undefined;
  /** Under which clients reach the app. */
  publicUrl: string | undefined;
  sessions: Pick<LocalUserSessions, 'find'>;
  userSessions: UserSessions;
  /** Hears of the server once it is made. */
  onServed?: (io: Server, httpServer: HttpServer) => void;
}): Serving {
  let served: { io: Server; protocol: BrowserProtocol; closeSockets: () => void } | undefined;

  return Object.freeze<Serving>({
    socketServe(httpServer, options) {
      // Two would tell two different numbers of a session's sockets.
      if (served) throw new TypeError('socketServe was called before; one Socket.IO server serves the whole backend');
      assertHttpServer('socketServe', httpServer);
      if (occupied.has(httpServer))
        throw new TypeError('another latchkey has called socketServe with this HTTP server');
      assertSocketServe(options);
      const { adapter, origins, appUrl, longPolling, users, ...protocolOptions } = options;
      const isOriginAllowed = watchedOrigins(originCheck({ origins, appUrl }), around.causes, options.settingNames);
      const io = createSocketServer(httpServer, { isOriginAllowed, longPolling, adapter });
      occupied.add(httpServer);
      const subscriptions = createUserSubscriptions({ ...around, io, users, sessions, userSessions });
      const authority = followAuthority(around.authority, {
        granted: ({ sid }) => subscriptions.judge(sid),
      });
      const { farewellMs } = { ...defaultTimings, ...options.timings };
      served = {
        io,
        protocol: mountBrowserProtocol(io, { ...around, ...protocolOptions, authority }),
        closeSockets() {
          subscriptions.close();
          closeSockets(io, around.clock, farewellMs);
        },
      };
      onServed?.(io, httpServer);
      return io;
    },
    assertServed(io) {
      assertSocketServer('apiRouter', io);
      if (io !== served?.io)
        throw new TypeError(
          'apiRouter takes the Server that socketServe of this latchkey returned; its sockets sign in',
        );
    },
    async drain(options) {
      const report = (await served?.protocol.drain(options)) ?? { told: 0, cut: 0 };
      // The process may end now, with causes that were counted and not logged yet.
      around.causes.close();
      return report;
    },
    close() {
      served?.protocol.close();
      served?.closeSockets();
    },
  });
}

/** Reports a check of the app that gives no answer: every origin is refused then. */
function watchedOrigins(
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
      causes.report('origins_unusable', { error: maskError(error, []) }, { ...names });
    }
    return false;
  };
}

/** Not `io.close()`, which would close the app's own HTTP server. Who does not say goodbye in time is cut. */
function closeSockets({ engine }: Server, clock: Clock, farewellMs: number): void {
  // Engine.IO's types hide its clients.
  const clients = Object.values((engine as unknown as { clients: Record<string, EngineConnection> }).clients);
  engine.close();
  clock.after(farewellMs, () => clients.forEach(cutConnection));
}
