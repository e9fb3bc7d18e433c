import type { IncomingMessage } from 'node:http';
import { events } from '@latchkey/contract';
import type { Server, Socket } from 'socket.io';
import { consoleLogger } from '../base/console-logger.ts';
import { assertSocketServer } from '../base/framework.ts';
import { createSuspensionDetector } from '../base/suspension.ts';
import { type Causes, createCauses } from '../cause/causes.ts';
import { createAddressLimit } from '../engine/address-limit.ts';
import type { Engine } from '../engine/engine.ts';
import { guardRequests } from '../engine/request-guard.ts';
import { createActivityCall } from './activity.ts';
import { createSocketAuthenticator } from './authenticate.ts';
import { type CallHandler, createCallHandler } from './call-handler.ts';
import { type Connection, createConnections } from './connection.ts';
import { createConnectionCloser } from './connection-closer.ts';
import { createDeadlines } from './deadlines.ts';
import { createDrain } from './drain.ts';
import { createErrorReporter, maskError } from './error-reporter.ts';
import { createEventMiddleware } from './event-middleware.ts';
import { createExpiry } from './expiry.ts';
import { createInFlightCalls } from './in-flight-calls.ts';
import { discardConnection, type EngineConnection, isMessageTooLarge } from './limits.ts';
import { createLogoutCall } from './logout.ts';
import { assertNamespaceAccess } from './namespace-access.ts';
import { createNamespaces } from './namespaces.ts';
import type { BrowserProtocol, BrowserProtocolOptions, ProtocolContext } from './options.ts';
import { createPongGuard } from './pong-guard.ts';
import { createPreAuthLimits } from './pre-auth-limits.ts';
import { createRefreshCall } from './refresh.ts';
import { resolveProtocolOptions } from './resolve-options.ts';
import { splitEventArguments } from './send.ts';
import { createSessionEndDelivery } from './session-end-delivery.ts';

/** Servers on which the protocol is mounted: mounted twice, it would answer each event twice. */
const mounted = new WeakSet<Server>();

/**
 * Mounts the browser protocol on namespace `/` of a Socket.IO server: authentication by event or handshake, refresh,
 * activity, logout, expiry, limits and drain, with an {@link Authority}. Mount it once on a server
 * of {@link createSocketServer} that does not listen yet.
 *
 * The application's own handlers on the same namespace receive calls of authenticated sockets only. `socket.data` then is
 * `{ sid, userId, tenantId, scope }`, and the socket is in the Socket.IO rooms `session:<sid>`, `user:<userId>`,
 * `tenant:<tenantId>` and `authenticated`. Leaving namespace `/` closes the connection.
 *
 * - **Refusals.** Final codes close a socket that is not authenticated, retryable ones leave it open. On a live socket
 *   `invalid_request`, `already_authenticated`, `proof_invalid` and `internal_error` say nothing about its session, so
 *   it stays, until the fifth.
 * - **Timeout.** 5 s to authenticate; 20 s from connect after a transient error with a verified credential, or while an
 *   attempt is unanswered.
 * - **Expiry.** The row is read again before anything is closed; if it cannot be read, sockets stay.
 *
 * @throws TypeError when an option is unknown, a limit or time is no positive number, the server is not attached to its HTTP server, or the
 * protocol is mounted on it already
 * @example
 * const io = createSocketServer(httpServer, { isOriginAllowed });
 * const protocol = mountBrowserProtocol(io, { authority, clock: createSystemClock(), log });
 * await protocol.drain({ spreadMs: 30_000, deadlineMs: 10_000 });
 * protocol.close();
 */
export function mountBrowserProtocol(io: Server, options: BrowserProtocolOptions): BrowserProtocol {
  const {
    authority,
    clock,
    log = consoleLogger,
    publicUrl,
    keepRequestHeaders = false,
    onRefused = () => {},
  } = options;
  assertSocketServer('mountBrowserProtocol', io);
  if (mounted.has(io)) throw new TypeError('the browser protocol is mounted on this Socket.IO server already');
  const { limits, timings, settingNames } = resolveProtocolOptions(options);
  const names = { ...settingNames };
  const nsp = io.of('/');
  const access = assertNamespaceAccess(options.namespaces ?? {});
  const causes = options.causes ?? createCauses({ log, clock });
  const refusals: Pick<Causes, 'report'> = { report: (code, fields) => causes.report(code, fields, names) };
  const context: ProtocolContext = { authority, clock, log, limits, timings, causes: refusals, onRefused };
  const addressOf = safeAddressOf(options.addressOf, refusals);
  const engine = attachedEngine(io);
  const addressLimit = createAddressLimit({ maxConnections: limits.unauthenticatedSocketsPerAddress, addressOf });
  guardRequests({ engine, causes: refusals, checkNewConnection: addressLimit.check });
  const preAuthLimits = createPreAuthLimits({ ...context, engine, addressLimit });

  const connections = createConnections({ ...context, nsp, addressOf, publicUrl, keepRequestHeaders });
  const errorReporter = createErrorReporter({ log, causes, names, onRefused, onUnavailable: options.onUnavailable });
  const closer = createConnectionCloser(context);
  const deadlines = createDeadlines<Connection>({
    clock,
    tickMs: timings.tickMs,
    onDue: (due, lateMs) => expiry.check(due, lateMs),
  });
  const endDelivery = createSessionEndDelivery({ ...context, connections, deadlines, closer });
  const inFlightCalls = createInFlightCalls(endDelivery);
  const expiry = createExpiry({ ...context, deadlines, endDelivery, closer, errorReporter });
  const suspension = options.suspension ?? createSuspensionDetector(clock);
  if (options.suspension === undefined) suspension.start();
  const pongs = createPongGuard(io, suspension);
  const drain = createDrain({ ...context, connections, closer, pongs });
  const { isDraining } = drain;
  const parts = { ...context, connections, preAuthLimits, expiry, pongs, inFlightCalls, isDraining };
  const eventMiddleware = createEventMiddleware(parts);
  const namespaces = createNamespaces({ ...parts, io, access, eventMiddleware });
  const deps = { ...parts, namespaces, closer, errorReporter };
  const authenticate = createSocketAuthenticator(deps);
  inFlightCalls.onIdle(drain.advance);

  // One function an event for all sockets, which finds its connection by `this`: closures for each would cost memory.
  const onAuthenticate = listenerOf((connection, args) => authenticate(connection, splitEventArguments(args).payload));
  const onRefresh = listenerOf(createCallHandler(createRefreshCall(deps), deps));
  const onActivity = listenerOf(createCallHandler(createActivityCall(context), deps));
  const onLogout = listenerOf(createCallHandler(createLogoutCall({ authority, endDelivery }), deps));

  function listenerOf(handler: CallHandler) {
    return function (this: Socket, ...args: unknown[]): void {
      const connection = connections.findByEngine(this.conn);
      if (connection) void handler(connection, args);
    };
  }

  function onDisconnect(this: Socket, _reason: string, details?: unknown): void {
    const connection = connections.findByEngine(this.conn)!;
    if (isMessageTooLarge(details)) logTooLarge(connection);
    deadlines.clear(connection);
    drain.advance(connection);
    connections.remove(connection);
    if (connection.sid !== undefined) {
      authority.presence(connection.sid, connections.countBySession(connection.sid));
    }
    // Or a client could leave and connect again for ever, with fresh time and fresh allowances each time.
    if (this.conn.readyState !== 'closed') closer.closeTransport(connection);
  }

  function logTooLarge({ sid }: Connection): void {
    if (sid === undefined) return;
    const { maxHttpBufferSize } = (io.engine as unknown as { opts: { maxHttpBufferSize?: number } }).opts;
    refusals.report('message_too_large', { sid, max_http_buffer_size: maxHttpBufferSize });
  }

  function onConnection(socket: Socket): void {
    // Joined twice at once: the second socket would replace the first one, which would never be cleaned up.
    if (connections.findByEngine(socket.conn) === undefined) initConnection(socket);
    else discardConnection(socket.conn as unknown as EngineConnection);
  }

  function initConnection(socket: Socket): void {
    const connection = connections.open(socket, clock.monotonic());
    preAuthLimits.startSignIn(socket.conn);
    const { auth } = socket.handshake;
    socket.handshake.auth = {};
    eventMiddleware.install(connection);
    socket.on(events.authenticate, onAuthenticate);
    socket.on(events.refresh, onRefresh);
    socket.on(events.activity, onActivity);
    socket.on(events.logout, onLogout);
    socket.on('disconnect', onDisconnect);
    expiry.awaitAuthentication(connection);
    if (Object.keys(auth).length > 0) void authenticate(connection, auth);
  }

  mounted.add(io);
  nsp.on('connection', onConnection);
  const removeEnded = authority.onEnded(endDelivery.end);
  const removeTenantChanged = authority.onTenantChanged((tenantId) =>
    connections.listByTenant(tenantId).forEach(expiry.recheck),
  );

  return Object.freeze({
    drain: drain.run,
    counts: () => ({ ...connections.counts(), inFlight: inFlightCalls.count(), deadlines: deadlines.counts().items }),
    close() {
      mounted.delete(io);
      nsp.off('connection', onConnection);
      preAuthLimits.close();
      namespaces.close();
      pongs.close();
      if (options.suspension === undefined) suspension.stop();
      if (options.causes === undefined) causes.close();
      removeEnded();
      removeTenantChanged();
      deadlines.close();
    },
  });
}

/** @throws TypeError when the server is not attached yet */
function attachedEngine({ engine }: { readonly engine: Engine | undefined }): Engine {
  if (engine === undefined) throw new TypeError('attach the Socket.IO server to its HTTP server first');
  return engine;
}

/** The host's own function; were it to throw on what a client sent, it would end the process. */
function safeAddressOf(
  addressOf: BrowserProtocolOptions['addressOf'],
  causes: Pick<Causes, 'report'>,
): (request: IncomingMessage) => string | null {
  if (addressOf === undefined) return ({ socket }) => socket.remoteAddress ?? null;
  return (request) => {
    try {
      return addressOf(request) ?? null;
    } catch (error) {
      causes.report('address_unreadable', { err: maskError(error, []) });
      return null;
    }
  };
}
