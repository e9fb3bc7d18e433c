import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { EndReason } from '@latchkey/contract';
import type { Namespace, Socket } from 'socket.io';
import type { ClientInfo } from '../authority.ts';
import { type Schedulable, unscheduled } from './deadlines.ts';
import type { ProtocolContext } from './options.ts';
import { authenticatedRoom, leaveRooms, type SocketSession, sessionRoom, tenantRoom } from './rooms.ts';

/** A token bucket: an allowance that is refilled over time. */
export interface TokenBucket {
  tokens: number;
  updatedAt: number;
}

/** State of one socket on this server, in one object of fixed shape. Times are monotonic milliseconds. */
export interface Connection extends Schedulable {
  readonly socket: Socket;
  readonly peer: ClientInfo;
  readonly messages: TokenBucket;
  readonly packets: TokenBucket;
  /** The session it is authenticated for. */
  sid: string | undefined;
  /** Until when it has to be authenticated. */
  authenticateBy: number;
  /** The latest that `authenticateBy` can become. */
  authenticateLatest: number;
  /** Exchanges, refreshes and logouts not answered yet. */
  inFlight: number;
  isExchanging: boolean;
  isLoggingOut: boolean;
  finalRefusals: number;
  /** `authenticated` events whose acknowledgement has not come. */
  unacknowledged: number;
  /** The session has ended; `logged_out` waits for the calls in flight. */
  pendingEnd: EndReason | undefined;
  endsAt: number;
  idleEndsAt: number;
  accessLapsesAt: number;
  /** Which warning comes next, an index into `warningsMs`. */
  endStage: number;
  idleStage: number;
  /** End of the extra time to refresh after the authority was unavailable or the process suspended. */
  isAfterOutage: boolean;
  activityAt: number;
  refreshWindowAt: number;
  refreshes: number;
}

interface ConnectionsDeps extends Pick<ProtocolContext, 'limits' | 'timings'> {
  readonly nsp: Namespace;
  readonly addressOf: (request: IncomingMessage) => string | null;
  readonly publicUrl: string | undefined;
  readonly keepRequestHeaders: boolean;
}

export type Connections = ReturnType<typeof createConnections>;

const isFound = (found: Connection | undefined): found is Connection => found !== undefined;

/** The nonce that a proof on a connection names. It identifies the connection and gives no access to it. */
const connectionNonceOf = (engineId: string): string => createHash('sha256').update(engineId).digest('base64url');

function toClientInfo(
  socket: Socket,
  addressOf: ConnectionsDeps['addressOf'],
  publicOrigin: string | undefined,
): ClientInfo {
  const { headers, secure } = socket.handshake;
  const { origin, host, 'user-agent': userAgent } = headers;
  return {
    connectionId: connectionNonceOf((socket.conn as unknown as { id: string }).id),
    origin: origin ?? null,
    socketOrigin: publicOrigin ?? `${secure ? 'https' : 'http'}://${host}`,
    address: addressOf(socket.request),
    userAgent: userAgent?.slice(0, 512) ?? null,
  };
}

/**
 * Removes most headers of the upgrade request, which would use kilobytes for the lifetime of the socket. The request itself
 * cannot be released, because Engine.IO's response object, bound to the TCP socket, references it.
 */
function trimRequest(socket: Socket, peer: ClientInfo): void {
  const headers = {
    ...(peer.origin === null ? {} : { origin: peer.origin }),
    ...(peer.userAgent === null ? {} : { 'user-agent': peer.userAgent }),
  };
  Object.assign(socket.request, { headers, rawHeaders: [] });
  socket.handshake.headers = headers;
}

export function createConnections(deps: ConnectionsDeps) {
  const { nsp, limits, timings, addressOf, publicUrl, keepRequestHeaders } = deps;
  const publicOrigin = publicUrl === undefined ? undefined : new URL(publicUrl).origin;
  const byEngine = new WeakMap<object, Connection>();
  const counts = { sockets: 0, authenticated: 0 };
  const { messageBurst } = limits;
  const warnings = timings.warningsMs.length;
  const listByRoom = (room: string) => {
    const ids = nsp.adapter.rooms.get(room) ?? [];
    return Array.from(ids, (id) => byEngine.get(nsp.sockets.get(id)?.conn ?? nsp)).filter(isFound);
  };

  return Object.freeze({
    open(socket: Socket, now: number) {
      const peer = toClientInfo(socket, addressOf, publicOrigin);
      if (!keepRequestHeaders) trimRequest(socket, peer);
      leaveRooms(socket);
      const connection: Connection = {
        ...unscheduled,
        socket,
        peer,
        messages: { tokens: messageBurst, updatedAt: now },
        packets: { tokens: 2 * messageBurst, updatedAt: now },
        sid: undefined,
        authenticateBy: now + timings.authenticateMs,
        authenticateLatest: now + timings.authenticateExtendedMs,
        inFlight: 0,
        isExchanging: false,
        isLoggingOut: false,
        finalRefusals: 0,
        unacknowledged: 0,
        pendingEnd: undefined,
        endsAt: Number.POSITIVE_INFINITY,
        idleEndsAt: Number.POSITIVE_INFINITY,
        accessLapsesAt: Number.POSITIVE_INFINITY,
        endStage: warnings,
        idleStage: warnings,
        isAfterOutage: false,
        activityAt: Number.NEGATIVE_INFINITY,
        refreshWindowAt: Number.NEGATIVE_INFINITY,
        refreshes: 0,
      };
      byEngine.set(socket.conn, connection);
      counts.sockets += 1;
      return connection;
    },
    /** The connection is authenticated for `sid` from now on. */
    markAuthenticated(connection: Connection, identity: SocketSession) {
      connection.sid = identity.sid;
      connection.socket.data = identity;
      counts.authenticated += 1;
    },
    /** The socket has disconnected. */
    remove({ sid }: Connection) {
      counts.sockets -= 1;
      if (sid !== undefined) counts.authenticated -= 1;
    },
    counts: () => ({ ...counts }),
    /** By the socket's engine connection. */
    findByEngine: (engine: object) => byEngine.get(engine),
    /** The sockets of a session on this server, found by their Socket.IO room. */
    listBySession: (sid: string) => listByRoom(sessionRoom(sid)),
    /** The authenticated sockets of a tenant on this server; `undefined`: of all. */
    listByTenant: (tenantId: string | undefined) =>
      listByRoom(tenantId === undefined ? authenticatedRoom : tenantRoom(tenantId)),
    countBySession: (sid: string) => nsp.adapter.rooms.get(sessionRoom(sid))?.size ?? 0,
    all: () => Array.from(nsp.sockets.values(), ({ conn }) => byEngine.get(conn)).filter(isFound),
  });
}
