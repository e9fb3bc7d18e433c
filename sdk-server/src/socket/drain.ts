import type { Clock } from '../clock.ts';
import type { Connection, Connections } from './connection.ts';
import type { Farewell } from './farewell.ts';
import { cutConnection, type EngineConnection } from './limits.ts';
import type { DrainOptions, DrainReport } from './options.ts';
import { send } from './send.ts';

export interface Drain {
  run(options: DrainOptions): Promise<DrainReport>;
  isDraining(): boolean;
  /** The last call of a connection was answered, or it has gone. */
  settle(connection: Connection): void;
}

export interface DrainDeps {
  readonly clock: Clock;
  readonly connections: Connections;
  readonly farewell: Farewell;
}

export function createDrain({ clock, connections, farewell }: DrainDeps): Drain {
  /** Sockets with calls in flight, and when their clients shall come back. */
  const waiting = new Map<Connection, number>();
  let report: Promise<DrainReport> | undefined;
  let whenEmpty = () => {};
  let told = 0;

  function tell(connection: Connection, reconnectAfterMs: number): void {
    if (!connection.socket.connected) return;
    told += 1;
    send(connection, 'server_drain', { reconnect_after_ms: reconnectAfterMs });
    farewell.release(connection);
  }

  function tellAll(spreadMs: number): void {
    const all = connections.all();
    for (const [index, connection] of all.entries()) {
      const reconnectAfterMs = Math.round((index / all.length) * spreadMs);
      if (connection.inFlight === 0) tell(connection, reconnectAfterMs);
      else waiting.set(connection, reconnectAfterMs);
    }
  }

  function cutRest(): number {
    const rest = [...waiting.keys()];
    waiting.clear();
    for (const { socket } of rest) cutConnection(socket.conn as unknown as EngineConnection);
    return rest.length;
  }

  async function start({ spreadMs, deadlineMs }: DrainOptions): Promise<DrainReport> {
    tellAll(spreadMs);
    if (waiting.size === 0) return { told, cut: 0 };
    await new Promise<void>((resolve) => {
      const cancel = clock.after(deadlineMs, resolve);
      whenEmpty = () => {
        cancel();
        resolve();
      };
    });
    return { told, cut: cutRest() };
  }

  return Object.freeze({
    run(options: DrainOptions) {
      report ??= start(options);
      return report;
    },
    isDraining: () => report !== undefined,
    settle(connection: Connection) {
      const reconnectAfterMs = waiting.get(connection);
      if (reconnectAfterMs === undefined) return;
      waiting.delete(connection);
      tell(connection, reconnectAfterMs);
      if (waiting.size === 0) whenEmpty();
    },
  });
}
