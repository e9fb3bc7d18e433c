import type { Clock } from '../clock.ts';
import type { Connection } from './connection.ts';
import { createDeadlines, type Due, notDue } from './deadlines.ts';
import { cutConnection, type EngineConnection } from './limits.ts';

interface Leaving extends Due {
  readonly engine: EngineConnection;
}

/**
 * The two ways to go, each with a cut for a client that does not read. The cut comes also after the protocol has stopped:
 * a client that went without a word would hold the HTTP server for half a minute.
 */
export interface Farewell {
  /** Closed for good: the client sees `io server disconnect` and does not come back by itself. */
  dismiss(connection: Connection): void;
  /** The transport closes: the client comes back by itself. */
  release(connection: Connection): void;
}

export function createFarewell(deps: { clock: Clock; farewellMs: number; tickMs: number }): Farewell {
  const { clock, farewellMs, tickMs } = deps;
  const leaving = createDeadlines<Leaving>({
    clock,
    tickMs,
    onDue(items) {
      for (const { engine } of items) cutConnection(engine);
    },
  });
  // With a full buffer `conn.close()` waits for ever, and ws waits 30 s for the client's close frame.
  const cutLater = (connection: Connection) => {
    const engine = connection.socket.conn as unknown as EngineConnection;
    leaving.set({ ...notDue, engine }, clock.monotonic() + farewellMs);
  };

  return Object.freeze({
    dismiss(connection: Connection) {
      connection.socket.disconnect(true);
      cutLater(connection);
    },
    release(connection: Connection) {
      connection.socket.conn.close();
      cutLater(connection);
    },
  });
}
