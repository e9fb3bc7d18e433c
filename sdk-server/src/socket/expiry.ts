import { fail } from '@latchkey/contract';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import type { Authority, Lifetime, Liveness } from './authority.ts';
import type { Connection } from './connection.ts';
import type { Deadlines } from './deadlines.ts';
import type { Endings } from './endings.ts';
import type { Farewell } from './farewell.ts';
import { nextLookAt, passWarnings, setLifetime } from './lifetime.ts';
import type { Timings } from './options.ts';
import { send } from './send.ts';
import { maskError, type Trouble } from './trouble.ts';

/** A timer this late means that the process slept, and that its clients' messages still lie unread. */
const sleptMs = 2_000;

export interface Expiry {
  /** Waits for a new socket to authenticate. */
  await(connection: Connection): void;
  /** Takes over a lifetime, and with it the access token's end, and sets the next deadline. */
  renew(connection: Connection, lifetime: Lifetime, accessSeconds: number): void;
  /** Reads the row again as soon as possible. */
  doubt(connection: Connection): void;
  /** True when calls have to be refused until the row was read again. */
  isLapsed(connection: Connection): boolean;
  check(due: readonly Connection[], lateMs: number): void;
}

interface ExpiryDeps {
  readonly authority: Authority;
  readonly clock: Clock;
  readonly log: Log;
  readonly timings: Timings;
  readonly deadlines: Deadlines<Connection>;
  readonly endings: Endings;
  readonly farewell: Farewell;
  readonly trouble: Trouble;
}

export function createExpiry(deps: ExpiryDeps): Expiry {
  const { authority, clock, log, timings, deadlines, endings, farewell, trouble } = deps;
  const { warningsMs, accessGraceMs, afterOutageMs, recheckMs } = timings;

  const lookAgain = (connection: Connection) =>
    deadlines.set(connection, Math.max(nextLookAt(connection, warningsMs), clock.monotonic() + timings.tickMs));

  function timeOut(connection: Connection, isAfterSleep: boolean): void {
    const now = clock.monotonic();
    const { isExchanging, authenticateBy, authenticateLatest } = connection;
    // An attempt in flight is answered first: cutting it would rotate for nobody and come again in a moment.
    const by = isExchanging ? authenticateLatest : authenticateBy;
    if (isAfterSleep || now < by) {
      deadlines.set(connection, Math.max(by, now + timings.tickMs));
      return;
    }
    send(connection, 'unauthorized', trouble.refusalOf(fail('auth_timeout'), 'authenticate', []).wire);
    farewell.dismiss(connection);
  }

  function goOn(connection: Connection, lifetime: Lifetime): void {
    const now = clock.monotonic();
    setLifetime(connection, lifetime, warningsMs, now);
    if (connection.isAfterOutage) {
      connection.isAfterOutage = false;
      if (connection.accessLapsesAt <= now) connection.accessLapsesAt = now + afterOutageMs;
    }
    if (connection.accessLapsesAt <= now && connection.inFlight === 0) {
      farewell.release(connection);
      return;
    }
    for (const { reason, inSeconds } of passWarnings(connection, warningsMs, now)) {
      send(connection, 'session_expiring', { in_seconds: inSeconds, reason });
    }
    lookAgain(connection);
  }

  function judge(connection: Connection, liveness: Liveness | undefined): void {
    if (!connection.socket.connected || connection.pendingEnd !== undefined) return;
    if (liveness?.alive) goOn(connection, liveness);
    else if (liveness) endings.end(liveness.sid, liveness.reason);
  }

  async function inspect(due: readonly Connection[]): Promise<void> {
    const soon = clock.monotonic() + recheckMs;
    for (const connection of due) deadlines.set(connection, soon);
    try {
      const rows = await authority.inspect([...new Set(due.map(({ sid }) => sid!))]);
      const bySid = new Map(rows.map((row) => [row.sid, row]));
      for (const connection of due) judge(connection, bySid.get(connection.sid!));
    } catch (error) {
      for (const connection of due) connection.isAfterOutage = true;
      log.warn({ sockets: due.length, error: maskError(error, []) }, 'sessions could not be read again; sockets stay');
    }
  }

  return Object.freeze({
    await: (connection: Connection) => deadlines.set(connection, connection.authenticateBy),
    renew(connection: Connection, lifetime: Lifetime, accessSeconds: number) {
      const now = clock.monotonic();
      setLifetime(connection, lifetime, warningsMs, now);
      connection.accessLapsesAt = now + accessSeconds * 1_000 + accessGraceMs;
      connection.isAfterOutage = false;
      if (connection.pendingEnd === undefined) lookAgain(connection);
    },
    doubt: (connection: Connection) => {
      if (connection.pendingEnd === undefined) deadlines.set(connection, clock.monotonic());
    },
    // Not the idle end: another tab's activity may have moved it.
    isLapsed: ({ accessLapsesAt, endsAt }: Connection) => clock.monotonic() >= Math.min(accessLapsesAt, endsAt),
    check(due: readonly Connection[], lateMs: number) {
      const isAfterSleep = lateMs > sleptMs;
      const toInspect: Connection[] = [];
      for (const connection of due) {
        if (connection.pendingEnd !== undefined) endings.deliver(connection, connection.pendingEnd);
        else if (connection.sid === undefined) timeOut(connection, isAfterSleep);
        else toInspect.push(connection);
        if (isAfterSleep) connection.isAfterOutage = true;
      }
      if (toInspect.length > 0) void inspect(toInspect);
    },
  });
}
