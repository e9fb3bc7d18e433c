import { assertOptions, type OptionNames } from '@latchkey/contract';
import type { Clock } from '../clock.ts';
import type { Connection, Connections } from './connection.ts';
import { createDeadlines, type Due, notDue } from './deadlines.ts';
import type { Farewell } from './farewell.ts';
import { cutConnection, type EngineConnection } from './limits.ts';
import type { DrainOptions, DrainReport } from './options.ts';
import type { PongGuard } from './pong-guard.ts';
import { send } from './send.ts';

interface Drain {
  run(options: DrainOptions): Promise<DrainReport>;
  isDraining(): boolean;
  /** The last call of a connection was answered, or its socket is disconnected. */
  settle(connection: Connection): void;
}

interface DrainDeps {
  readonly clock: Clock;
  readonly tickMs: number;
  readonly connections: Connections;
  readonly farewell: Farewell;
  readonly pongs: Pick<PongGuard, 'afterRoundTrip'>;
}

/** A connection from the start of the drain until its transport is closed. */
interface Leaving extends Due {
  readonly connection: Connection;
  readonly reconnectAfterMs: number;
  isNotified: boolean;
  /** The client has processed `server_drain`, or had its time to. */
  hasRead: boolean;
}

/** Time for the client to process `server_drain`, in milliseconds. Without an answer its transport is closed after it. */
const maxRoundTripMs = 1_000;

/**
 * Each socket passes three steps: its calls in flight are answered, `server_drain` is sent, and its transport is closed.
 * Between the last two a ping makes a round trip, because a call that the client sent before it read `server_drain` would
 * be lost with the transport. Calls that arrive in this time are answered as well.
 */
export function createDrain({ clock, tickMs, connections, farewell, pongs }: DrainDeps): Drain {
  const remaining = new Map<Connection, Leaving>();
  const readBy = createDeadlines<Leaving>({ clock, tickMs, onDue: (due) => due.forEach(onRead) });
  let report: Promise<DrainReport> | undefined;
  let whenEmpty = () => {};
  let told = 0;

  function notify(leaving: Leaving): void {
    const { connection, reconnectAfterMs } = leaving;
    leaving.isNotified = true;
    told += 1;
    send(connection, 'server_drain', { reconnect_after_ms: reconnectAfterMs });
    readBy.set(leaving, clock.monotonic() + maxRoundTripMs);
    // In a later task: what arrived with the pong has been counted by then.
    pongs.afterRoundTrip(connection.socket.conn, () => setImmediate(onRead, leaving));
  }

  function onRead(leaving: Leaving): void {
    leaving.hasRead = true;
    settle(leaving.connection);
  }

  function remove(leaving: Leaving): void {
    readBy.clear(leaving);
    remaining.delete(leaving.connection);
    if (remaining.size === 0) whenEmpty();
  }

  function settle(connection: Connection): void {
    const leaving = remaining.get(connection);
    if (leaving === undefined) return;
    if (!connection.socket.connected) remove(leaving);
    else if (connection.inFlight > 0) return;
    else if (!leaving.isNotified) notify(leaving);
    else if (leaving.hasRead) release(leaving);
  }

  function release(leaving: Leaving): void {
    remove(leaving);
    farewell.release(leaving.connection);
  }

  function start(spreadMs: number): void {
    const all = connections.all();
    for (const [index, connection] of all.entries()) {
      const reconnectAfterMs = Math.round((index / all.length) * spreadMs);
      remaining.set(connection, { ...notDue, connection, reconnectAfterMs, isNotified: false, hasRead: false });
    }
    all.forEach(settle);
  }

  /** At the deadline: cuts sockets with unanswered calls, closes the others, and returns how many were cut. */
  function finish(): number {
    const all = [...remaining.values()];
    const unanswered = all.filter(({ connection }) => connection.inFlight > 0);
    for (const leaving of all) {
      if (!unanswered.includes(leaving)) release(leaving);
      else {
        remove(leaving);
        cutConnection(leaving.connection.socket.conn as unknown as EngineConnection);
      }
    }
    return unanswered.length;
  }

  async function run({ spreadMs, deadlineMs }: DrainOptions): Promise<DrainReport> {
    let cut = 0;
    start(spreadMs);
    if (remaining.size > 0) {
      await new Promise<void>((resolve) => {
        const cancel = clock.after(deadlineMs, () => {
          cut = finish();
        });
        whenEmpty = () => {
          cancel();
          resolve();
        };
      });
    }
    readBy.close();
    await farewell.whenNone();
    return { told, cut };
  }

  return Object.freeze({
    run(options: DrainOptions) {
      report ??= run(checked(options));
      return report;
    },
    isDraining: () => report !== undefined,
    settle,
  });
}

/** @throws TypeError for an unknown option, and a time that is negative or no number */
function checked(options: DrainOptions): DrainOptions {
  assertOptions('drain', options, { spreadMs: true, deadlineMs: true } satisfies OptionNames<DrainOptions>);
  for (const [name, ms] of Object.entries(options))
    if (!(Number.isFinite(ms) && ms >= 0)) throw new TypeError(`drain: ${name} has to be milliseconds, 0 or more.`);
  return options;
}
