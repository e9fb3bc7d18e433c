import { assertOptions, type OptionNames } from '@latchkey/contract';
import type { Connection, Connections } from './connection.ts';
import type { ConnectionCloser } from './connection-closer.ts';
import { createDeadlines, type Schedulable, unscheduled } from './deadlines.ts';
import { type EngineConnection, terminateConnection } from './limits.ts';
import type { DrainOptions, DrainReport, ProtocolContext } from './options.ts';
import type { PongGuard } from './pong-guard.ts';
import { send } from './send.ts';

interface DrainDeps extends Pick<ProtocolContext, 'clock' | 'timings'> {
  readonly connections: Connections;
  readonly closer: ConnectionCloser;
  readonly pongs: Pick<PongGuard, 'afterRoundTrip'>;
}

/** A connection from the start of the drain until its transport is closed. */
interface DrainingConnection extends Schedulable {
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
export function createDrain({ clock, timings, connections, closer, pongs }: DrainDeps) {
  const remaining = new Map<Connection, DrainingConnection>();
  const readBy = createDeadlines<DrainingConnection>({ ...timings, clock, onDue: (due) => due.forEach(onRead) });
  let report: Promise<DrainReport> | undefined;
  let whenEmpty = () => {};
  let notified = 0;

  function notify(leaving: DrainingConnection): void {
    const { connection, reconnectAfterMs } = leaving;
    leaving.isNotified = true;
    notified += 1;
    send(connection, 'server_drain', { reconnect_after_ms: reconnectAfterMs });
    readBy.set(leaving, clock.monotonic() + maxRoundTripMs);
    // In a later task: what arrived with the pong has been counted by then.
    pongs.afterRoundTrip(connection.socket.conn, () => setImmediate(onRead, leaving));
  }

  function onRead(leaving: DrainingConnection): void {
    leaving.hasRead = true;
    advance(leaving.connection);
  }

  function remove(leaving: DrainingConnection): void {
    readBy.clear(leaving);
    remaining.delete(leaving.connection);
    if (remaining.size === 0) whenEmpty();
  }

  /** Call it when the last call of a connection was answered, and when its socket has disconnected. */
  function advance(connection: Connection): void {
    const leaving = remaining.get(connection);
    if (leaving === undefined) return;
    if (!connection.socket.connected) remove(leaving);
    else if (connection.inFlight > 0) return;
    else if (!leaving.isNotified) notify(leaving);
    else if (leaving.hasRead) release(leaving);
  }

  function release(leaving: DrainingConnection): void {
    remove(leaving);
    closer.closeTransport(leaving.connection);
  }

  function start(spreadMs: number): void {
    const all = connections.all();
    for (const [index, connection] of all.entries()) {
      const reconnectAfterMs = Math.round((index / all.length) * spreadMs);
      remaining.set(connection, { ...unscheduled, connection, reconnectAfterMs, isNotified: false, hasRead: false });
    }
    all.forEach(advance);
  }

  /** At the deadline: cuts sockets with unanswered calls, closes the others, and returns how many were cut. */
  function finish(): number {
    const all = [...remaining.values()];
    const unanswered = all.filter(({ connection }) => connection.inFlight > 0);
    for (const leaving of all) {
      if (!unanswered.includes(leaving)) release(leaving);
      else {
        remove(leaving);
        terminateConnection(leaving.connection.socket.conn as unknown as EngineConnection);
      }
    }
    return unanswered.length;
  }

  async function run({ spreadMs, deadlineMs }: DrainOptions): Promise<DrainReport> {
    let terminated = 0;
    start(spreadMs);
    if (remaining.size > 0) {
      await new Promise<void>((resolve) => {
        const cancel = clock.after(deadlineMs, () => {
          terminated = finish();
        });
        whenEmpty = () => {
          cancel();
          resolve();
        };
      });
    }
    readBy.close();
    await closer.whenAllClosed();
    return { notified, terminated };
  }

  return Object.freeze({
    run(options: DrainOptions) {
      report ??= run(assertDrainOptions(options));
      return report;
    },
    isDraining: () => report !== undefined,
    advance,
  });
}

/** @throws TypeError for an unknown option, and a time that is negative or no number */
function assertDrainOptions(options: DrainOptions): DrainOptions {
  assertOptions('drain', options, { spreadMs: true, deadlineMs: true } satisfies OptionNames<DrainOptions>);
  for (const [name, ms] of Object.entries(options))
    if (!(Number.isFinite(ms) && ms >= 0)) throw new TypeError(`drain: ${name} has to be milliseconds, 0 or more.`);
  return options;
}
