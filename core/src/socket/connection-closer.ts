import { createActivities } from '../base/activities.ts';
import type { Connection } from './connection.ts';
import { createDeadlines, type Schedulable, unscheduled } from './deadlines.ts';
import { type EngineConnection, onTransportClosed, terminateConnection } from './limits.ts';
import type { ProtocolContext } from './options.ts';

interface ClosingConnection extends Schedulable {
  readonly engine: EngineConnection;
}

export type ConnectionCloser = ReturnType<typeof createConnectionCloser>;

/**
 * The two ways to go, each with a cut for a client that does not read. The cut comes also after the protocol has stopped:
 * a client that went without a word would hold the HTTP server for half a minute.
 */
export function createConnectionCloser({ clock, timings }: Pick<ProtocolContext, 'clock' | 'timings'>) {
  const known = new WeakSet<EngineConnection>();
  const closing = createActivities();
  const leaving = createDeadlines<ClosingConnection>({
    clock,
    tickMs: timings.tickMs,
    onDue(items) {
      for (const { engine } of items) terminateConnection(engine);
    },
  });

  // With a full buffer `conn.close()` waits for ever, and ws waits 30 s for the client's close frame.
  function terminateLater(connection: Connection): void {
    const engine = connection.socket.conn as unknown as EngineConnection;
    if (known.has(engine)) return;
    known.add(engine);
    leaving.set({ ...unscheduled, engine }, clock.monotonic() + timings.closeTimeoutMs);
    onTransportClosed(engine, closing.start('connection'));
  }

  return Object.freeze({
    /** Closed for good: the client sees `io server disconnect` and does not come back by itself. */
    close(connection: Connection) {
      connection.socket.disconnect(true);
      terminateLater(connection);
    },
    /** The transport closes: the client comes back by itself. */
    closeTransport(connection: Connection) {
      connection.socket.conn.close();
      terminateLater(connection);
    },
    /** Resolves when the transports of all that were dismissed or released are closed, and what was sent has been read. */
    whenAllClosed: closing.whenIdle,
  });
}
