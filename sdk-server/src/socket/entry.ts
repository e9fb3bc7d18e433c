import type { Namespace, Server, Socket } from 'socket.io';
import { dropConnection, type EngineConnection, sizeOf } from './limits.ts';
import type { Limits } from './options.ts';

/** Of a connection until somebody has signed in on it: some attempts with their proofs, and an app's early calls. */
const mostBytes = 262_144;

interface NewConnection extends EngineConnection {
  on(event: 'packet', listener: (packet: { data?: unknown }) => void): unknown;
}

/** What stands before every namespace: bounds what strangers cost, from the first packet of a connection on. */
export interface Entry {
  /** Somebody is known to be there: other allowances hold from now on. */
  admit(socket: Socket): void;
  close(): void;
}

/**
 * Counts all that a connection sends before anybody signed in on it, and cuts it beyond a message burst: attempts at
 * namespaces that do not exist (each would be answered), binary parts whose rest never comes, acknowledgements that
 * nobody asked for. A namespace of the application's own that lets a connection in answers for it from then on.
 *
 * @throws TypeError when the server is not attached yet
 */
export function createEntry(io: Server, { messageBurst }: Limits): Entry {
  const engine: Server['engine'] | undefined = io.engine;
  if (engine === undefined) throw new TypeError('attach the Socket.IO server to its HTTP server first');
  const strangers = new WeakMap<object, { packets: number; bytes: number }>();

  // One function for all connections: each has little memory of its own.
  function count(this: EngineConnection, { data }: { data?: unknown }): void {
    const sent = strangers.get(this);
    if (sent === undefined) return;
    sent.packets += 1;
    sent.bytes += sizeOf(data);
    if (sent.packets > messageBurst || sent.bytes > mostBytes) dropConnection(this);
  }

  function meet(connection: NewConnection): void {
    strangers.set(connection, { packets: 0, bytes: 0 });
    connection.on('packet', count);
  }

  function admit({ conn }: Socket): void {
    strangers.delete(conn);
    conn.off('packet', count);
  }

  function trust(namespace: Namespace): void {
    namespace.on('connection', admit);
  }

  for (const [name, namespace] of io._nsps) if (name !== '/') trust(namespace);
  io.on('new_namespace', trust);
  engine.on('connection', meet);
  return Object.freeze<Entry>({
    admit,
    close() {
      io.off('new_namespace', trust);
      engine.off('connection', meet);
    },
  });
}
