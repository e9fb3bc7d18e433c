import { fail, toWireError } from '@latchkey/contract';
import type { Namespace, Server, Socket } from 'socket.io';
import type { Connection, Connections } from './connection.ts';
import type { EventMiddleware } from './event-middleware.ts';
import type { NamespaceAccesses } from './namespace-access.ts';
import type { ProtocolContext } from './options.ts';
import type { PreAuthLimits } from './pre-auth-limits.ts';
import { enterRooms, type SocketSession } from './rooms.ts';

interface NamespacesDeps extends Pick<ProtocolContext, 'clock' | 'causes'> {
  readonly io: Server;
  readonly access: NamespaceAccesses;
  readonly connections: Connections;
  readonly preAuthLimits: PreAuthLimits;
  readonly eventMiddleware: EventMiddleware;
}

export type Namespaces = ReturnType<typeof createNamespaces>;

type Settle = (connection: Connection | undefined) => void;

/** Sockets of one connection that wait for its sign-in. */
interface Waiting {
  readonly settles: Settle[];
  readonly cancelTimer: () => void;
}

/**
 * How long a connection has to ask for namespace `/` once it asked for another, in milliseconds. Less than the time to
 * join a namespace, so that the refusal arrives.
 */
const waitMs = 4_000;

/**
 * Lets signed-in connections only into the application's namespaces, unless their access says otherwise. A client may ask
 * for them before it has signed in, as Socket.IO's client does when it reconnects: the answer then waits for the sign-in.
 */
export function createNamespaces(deps: NamespacesDeps) {
  const { io, access, clock, connections, preAuthLimits, eventMiddleware, causes } = deps;
  const waiting = new Map<object, Waiting>();

  function settleAll(engine: object, connection: Connection | undefined): void {
    const { settles, cancelTimer } = waiting.get(engine) ?? {};
    waiting.delete(engine);
    cancelTimer?.();
    for (const settle of settles ?? []) settle(connection);
  }

  function onClose(this: object): void {
    settleAll(this, undefined);
  }

  function waitForSignIn({ conn }: Socket, settle: Settle): void {
    if (conn.readyState !== 'open') {
      settle(undefined);
      return;
    }
    const found = waiting.get(conn);
    if (found !== undefined) {
      found.settles.push(settle);
      return;
    }
    conn.once('close', onClose);
    const cancelTimer = clock.after(waitMs, () => {
      if (connections.findByEngine(conn) === undefined) settleAll(conn, undefined);
    });
    waiting.set(conn, { settles: [settle], cancelTimer });
  }

  function admit(socket: Socket, connection: Connection, next: (error?: Error) => void): void {
    const identity = connection.socket.data as SocketSession;
    Object.assign(socket.data, identity);
    // It changes with each new access token of the connection.
    const scope = () => (connection.socket.data as SocketSession).scope;
    Object.defineProperty(socket.data, 'scope', { enumerable: true, get: scope });
    eventMiddleware.installInNamespace(socket, connection);
    const joining = enterRooms(socket, identity);
    if (joining) joining.then(() => next(), next);
    else next();
  }

  function refuse({ nsp, conn }: Socket, next: (error?: Error) => void): void {
    if (conn.readyState === 'open') causes.report('namespace_refused', { namespace: nsp.name });
    const failure = fail('unauthenticated');
    next(Object.assign(new Error(failure.message), { data: toWireError(failure) }));
  }

  function authenticate(socket: Socket, next: (error?: Error) => void): void {
    const settle: Settle = (connection) => {
      if (connection === undefined) refuse(socket, next);
      else admit(socket, connection, next);
    };
    const connection = connections.findByEngine(socket.conn);
    if (connection?.sid === undefined) waitForSignIn(socket, settle);
    else settle(connection);
  }

  function guard(namespace: Namespace): void {
    const kind = access[namespace.name] ?? 'signed_in';
    if (kind === 'signed_in') namespace.use(authenticate);
    if (kind === 'public') namespace.on('connection', ({ conn }) => preAuthLimits.enterPublicNamespace(conn));
    if (kind === 'own_authentication') namespace.on('connection', ({ conn }) => preAuthLimits.release(conn));
  }

  for (const [name, namespace] of io._nsps) if (name !== '/') guard(namespace);
  io.on('new_namespace', guard);
  return Object.freeze({
    /** A session is signed in on the connection: its sockets that wait in other namespaces connect now. */
    onSignedIn: ({ socket }: Connection) => settleAll(socket.conn, connections.findByEngine(socket.conn)),
    close() {
      io.off('new_namespace', guard);
      for (const { cancelTimer } of waiting.values()) cancelTimer();
    },
  });
}
