import { errorCodeForEnd, events, type Failure, fail, toWireError } from '@latchkey/contract';
import type { Socket } from 'socket.io';
import type { Connection, Connections } from './connection.ts';
import type { Expiry } from './expiry.ts';
import type { InFlightCalls } from './in-flight-calls.ts';
import { type EngineConnection, takeToken, terminateConnection } from './limits.ts';
import type { ProtocolContext, SocketLimits } from './options.ts';
import type { PongGuard } from './pong-guard.ts';
import { type AckCallback, send, splitEventArguments } from './send.ts';

const protocolEvents: ReadonlySet<unknown> = new Set([
  events.authenticate,
  events.refresh,
  events.activity,
  events.logout,
]);

/** Longest name of an event in a log, in characters. */
const maxNameLength = 64;

export type EventMiddleware = ReturnType<typeof createEventMiddleware>;

interface EventMiddlewareDeps extends Pick<ProtocolContext, 'clock' | 'limits' | 'causes' | 'onRefused'> {
  readonly connections: Connections;
  readonly expiry: Expiry;
  readonly pongs: Pick<PongGuard, 'refusalOf'>;
  readonly inFlightCalls: Pick<InFlightCalls, 'track'>;
  readonly isDraining: () => boolean;
}

/** Middleware before every handler, also those of the application. */
export function createEventMiddleware(deps: EventMiddlewareDeps) {
  const { clock, limits, connections, expiry, pongs, inFlightCalls, isDraining, causes, onRefused } = deps;
  const { messageBurst, messagesPerSecond } = limits;
  const tooMany = rateLimited(limits);

  function refusalOf(connection: Connection, event: unknown): Failure | undefined {
    if (event === events.authenticate) return undefined;
    return protocolEvents.has(event) ? sessionRefusal(connection) : appRefusal(connection);
  }

  function sessionRefusal({ sid, pendingEnd, socket }: Connection): Failure | undefined {
    if (sid === undefined) return fail('unauthenticated');
    return pongs.refusalOf(socket.conn) ?? (pendingEnd === undefined ? undefined : fail(errorCodeForEnd(pendingEnd)));
  }

  function appRefusal(connection: Connection): Failure | undefined {
    return sessionRefusal(connection) ?? (expiry.isLapsed(connection) ? fail('unavailable') : undefined);
  }

  /** A logout without acknowledgement, as plain clients send it, is refused by an event: its user has to learn of it. */
  function refuse(connection: Connection, [name, ...args]: unknown[], refusal: Failure): void {
    onRefused(endpointOf(name), refusal.code);
    const { ack } = splitEventArguments(args);
    if (ack !== undefined) ack({ ok: false, error: toWireError(refusal) });
    else if (name === events.logout) send(connection, 'unauthorized', toWireError(refusal));
  }

  /** A drain closes no socket before its calls are answered: without a listener there would be no answer. */
  function trackAnswer(connection: Connection, socket: Socket, event: unknown[]): void {
    const ack = event.at(-1);
    if (typeof ack !== 'function' || socket.listenerCount(String(event[0])) === 0) return;
    event[event.length - 1] = inFlightCalls.track(connection, ack as AckCallback);
  }

  // Refused events stop here, without `next`: an error handed to it would reach the application's error listeners.
  function handleEvent(
    connection: Connection,
    event: unknown[],
    { judge, socket, next }: { judge: typeof refusalOf; socket: Socket; next: () => void },
  ): void {
    const isAllowed = takeToken(connection.messages, messageBurst, messagesPerSecond, clock.monotonic());
    const refusal = isAllowed ? judge(connection, event[0]) : tooMany;
    if (!isAllowed) causes.report('messages_limited', { sid: connection.sid });
    if (refusal !== undefined) {
      refuse(connection, event, refusal);
      return;
    }
    if (isDraining()) trackAnswer(connection, socket, event);
    if (isUnhandled(socket, event[0])) answerUnhandled(socket, event);
    else next();
  }

  /** Socket.IO drops it without an answer, so that its client waits until its own timeout. */
  function answerUnhandled(socket: Socket, [name, ...args]: unknown[]): void {
    onRefused('app', 'unknown_call');
    causes.report('event_unhandled', { event: String(name).slice(0, maxNameLength), namespace: socket.nsp.name });
    splitEventArguments(args).ack?.({ ok: false, error: toWireError(fail('unknown_call')) });
  }

  /** Counts everything that arrives, and so bounds what is refused: events, acknowledgements, other namespaces. */
  function countPacket(this: EngineConnection): void {
    const connection = connections.findByEngine(this);
    if (connection === undefined) return;
    if (takeToken(connection.packets, 2 * messageBurst, 2 * messagesPerSecond, clock.monotonic())) return;
    causes.report('messages_limited', { sid: connection.sid, closed: true });
    terminateConnection(this);
  }

  return Object.freeze({
    /** Installs the middleware on the connection's socket in the main namespace. */
    install(connection: Connection) {
      const { socket } = connection;
      socket.use((event, next) => handleEvent(connection, event, { judge: refusalOf, socket, next }));
      socket.conn.on('packet', countPacket as () => void);
    },
    /** Installs the middleware on the connection's socket in a namespace of the application. */
    installInNamespace(socket: Socket, connection: Connection) {
      socket.use((event, next) => handleEvent(connection, event, { judge: appRefusal, socket, next }));
    },
  });
}

const endpointOf = (name: unknown) => (protocolEvents.has(name) ? String(name) : 'app');

/** True when neither a listener nor a middleware of the app takes the event. */
function isUnhandled(socket: Socket, name: unknown): boolean {
  if (socket.listenerCount(String(name)) > 0 || socket.listenersAny().length > 0) return false;
  // Socket.IO's types hide the middleware of a socket; the first is that of the gate.
  const { fns } = socket as unknown as { readonly fns: readonly unknown[] };
  return fns.length === 1;
}

/**
 * Time until two thirds of the burst are refilled. An earlier retry would find little, and count towards the limit that
 * closes connections.
 */
function rateLimited({ messageBurst, messagesPerSecond }: SocketLimits): Failure {
  return fail('rate_limited', { retryAfterMs: Math.ceil((messageBurst / messagesPerSecond) * (2_000 / 3)) });
}
