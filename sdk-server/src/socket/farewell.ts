import type { Clock } from '../clock.ts';
import type { Connection } from './connection.ts';
import { createDeadlines, type Due, notDue } from './deadlines.ts';
import { cutConnection, type EngineConnection, onTransportClosed } from './limits.ts';

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
  /** Resolves when the transports of all that were dismissed or released are closed, and what was sent has been read. */
  whenNone(): Promise<void>;
}

export function createFarewell(deps: { clock: Clock; farewellMs: number; tickMs: number }): Farewell {
  const { clock, farewellMs, tickMs } = deps;
  const closing = new Set<EngineConnection>();
  const waiters: (() => void)[] = [];
  const leaving = createDeadlines<Leaving>({
    clock,
    tickMs,
    onDue(items) {
      for (const { engine } of items) cutConnection(engine);
    },
  });

  function onClosed(engine: EngineConnection): void {
    closing.delete(engine);
    if (closing.size > 0) return;
    for (const resolve of waiters.splice(0)) resolve();
  }

  // With a full buffer `conn.close()` waits for ever, and ws waits 30 s for the client's close frame.
  function cutLater(connection: Connection): void {
    const engine = connection.socket.conn as unknown as EngineConnection;
    if (closing.has(engine)) return;
    closing.add(engine);
    leaving.set({ ...notDue, engine }, clock.monotonic() + farewellMs);
    onTransportClosed(engine, () => onClosed(engine));
  }

  return Object.freeze({
    dismiss(connection: Connection) {
      connection.socket.disconnect(true);
      cutLater(connection);
    },
    release(connection: Connection) {
      connection.socket.conn.close();
      cutLater(connection);
    },
    whenNone: () =>
      closing.size === 0 ? Promise.resolve() : new Promise<void>((resolve) => void waiters.push(resolve)),
  });
}
