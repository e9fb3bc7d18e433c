import type { IncomingMessage } from 'node:http';
import type { AddressLimit } from '../engine/address-limit.ts';
import type { Engine } from '../engine/engine.ts';
import { createBackpressureGuard } from './backpressure.ts';
import type { TokenBucket } from './connection.ts';
import { createDeadlines, type Schedulable, unscheduled } from './deadlines.ts';
import { discardConnection, type EngineConnection, sizeOf, takeToken, terminateConnection } from './limits.ts';
import type { ProtocolContext } from './options.ts';

/** Of a connection until sign-in: some attempts with their proofs, and an app's early calls. */
const maxBytes = 262_144;

interface NewConnection extends EngineConnection {
  readonly request: IncomingMessage;
  on(event: string, listener: (packet: { data?: unknown }) => void): unknown;
  off(event: string, listener: (packet: { data?: unknown }) => void): unknown;
}

/** A connection without a signed-in session. */
interface Unauthenticated extends Schedulable {
  readonly engine: NewConnection;
  /** Where it counts for the address limit. */
  readonly network: string | undefined;
  /** Requests for namespaces, once a public namespace of the application has it; what else it sends is the application's. */
  requests: TokenBucket | undefined;
  packets: number;
  bytes: number;
}

/** Bounds what connections cost, from the first packet on, before any namespace. */
export type PreAuthLimits = ReturnType<typeof createPreAuthLimits>;

interface PreAuthLimitsDeps extends Pick<ProtocolContext, 'clock' | 'limits' | 'timings' | 'causes'> {
  readonly engine: Engine;
  readonly addressLimit: AddressLimit;
}

/** A request for a namespace (CONNECT) makes a socket, or waits for the sign-in, or is answered. */
const isConnectPacket = (data: unknown): boolean => typeof data === 'string' && data.startsWith('0');

/**
 * Counts all that a connection sends until sign-in, and cuts it beyond a message burst: attempts at namespaces that do
 * not exist (each would be answered), binary parts whose rest never comes, acknowledgements that answer no event. Once a
 * public namespace has the connection, it counts requests for namespaces alone. One that joins no namespace in the time to
 * sign in is cut as well, and each that leaves too much unread.
 */
export function createPreAuthLimits({ engine, clock, limits, timings, addressLimit, causes }: PreAuthLimitsDeps) {
  const { messageBurst, messagesPerSecond, backlogBytes } = limits;
  const { tickMs, authenticateMs } = timings;
  const unauthenticated = new WeakMap<object, Unauthenticated>();
  const backlog = createBackpressureGuard(backlogBytes, () => causes.report('backlog_cut'));
  const deadlines = createDeadlines<Unauthenticated>({
    clock,
    tickMs,
    onDue(items) {
      for (const item of items) terminateConnection(item.engine);
    },
  });

  // One function for all connections: each has little memory of its own.
  function onPacket(this: EngineConnection, { data }: { data?: unknown }): void {
    const sent = unauthenticated.get(this);
    if (sent === undefined || isAllowed(sent, data)) return;
    causes.report('messages_limited', { signed_in: false, closed: true });
    discardConnection(this);
  }

  function isAllowed(sent: Unauthenticated, data: unknown): boolean {
    if (sent.requests !== undefined)
      return !isConnectPacket(data) || takeToken(sent.requests, messageBurst, messagesPerSecond, clock.monotonic());
    sent.packets += 1;
    sent.bytes += sizeOf(data);
    return sent.packets <= messageBurst && sent.bytes <= maxBytes;
  }

  function onClose(this: NewConnection): void {
    release(this);
  }

  /** The connection is authenticated: other allowances hold from now on. */
  function release(connection: object): void {
    const known = unauthenticated.get(connection);
    if (known === undefined) return;
    unauthenticated.delete(connection);
    deadlines.clear(known);
    addressLimit.release(known.network);
    known.engine.off('packet', onPacket);
    known.engine.off('close', onClose);
  }

  function track(connection: NewConnection): void {
    const network = addressLimit.acquire(connection.request);
    const known = { ...unscheduled, engine: connection, network, requests: undefined, packets: 0, bytes: 0 };
    unauthenticated.set(connection, known);
    deadlines.set(known, clock.monotonic() + authenticateMs);
    connection.on('packet', onPacket);
    connection.on('close', onClose);
    backlog.guard(connection);
  }

  engine.on('connection', track);
  return Object.freeze({
    release,
    /** Namespace `/` has the connection: its own time to sign in holds from now on. */
    startSignIn(connection: object) {
      const known = unauthenticated.get(connection);
      if (known !== undefined) deadlines.clear(known);
    },
    /** A public namespace has the connection. It still counts for its address. */
    enterPublicNamespace(connection: object) {
      const known = unauthenticated.get(connection);
      if (known === undefined) return;
      deadlines.clear(known);
      known.requests ??= { tokens: messageBurst, updatedAt: clock.monotonic() };
    },
    close() {
      engine.off('connection', track);
      deadlines.close();
    },
  });
}
