import { fail } from '@latchkey/contract';
import type { SessionInspection, SessionLifetime } from '../authority.ts';
import type { Connection } from './connection.ts';
import type { ConnectionCloser } from './connection-closer.ts';
import type { Deadlines } from './deadlines.ts';
import { type ErrorReporter, maskError } from './error-reporter.ts';
import { nextCheckAt, setLifetime, takeDueWarnings } from './lifetime.ts';
import type { ProtocolContext } from './options.ts';
import { send } from './send.ts';
import type { SessionEndDelivery } from './session-end-delivery.ts';

/** A timer this late means that the process slept, and that its clients' messages still lie unread. */
const sleepThresholdMs = 2_000;

export type Expiry = ReturnType<typeof createExpiry>;

interface ExpiryDeps extends Pick<ProtocolContext, 'authority' | 'clock' | 'timings'> {
  readonly deadlines: Deadlines<Connection>;
  readonly endDelivery: SessionEndDelivery;
  readonly closer: ConnectionCloser;
  readonly errorReporter: ErrorReporter;
}

export function createExpiry(deps: ExpiryDeps) {
  const { authority, clock, timings, deadlines, endDelivery, closer, errorReporter } = deps;
  const { warningsMs, accessGraceMs, afterOutageMs, recheckMs } = timings;

  const scheduleNextCheck = (connection: Connection) =>
    deadlines.set(connection, Math.max(nextCheckAt(connection, warningsMs), clock.monotonic() + timings.tickMs));

  function timeOut(connection: Connection, isAfterSleep: boolean): void {
    const now = clock.monotonic();
    const { isExchanging, authenticateBy, authenticateLatest } = connection;
    // An attempt in flight is answered first. Otherwise it would rotate without a recipient and be repeated at once.
    const by = isExchanging ? authenticateLatest : authenticateBy;
    if (isAfterSleep || now < by) {
      deadlines.set(connection, Math.max(by, now + timings.tickMs));
      return;
    }
    send(connection, 'unauthorized', errorReporter.toRefusal(fail('auth_timeout'), 'authenticate', []).wire);
    closer.close(connection);
  }

  function applyLifetime(connection: Connection, lifetime: SessionLifetime): void {
    const now = clock.monotonic();
    setLifetime(connection, lifetime, warningsMs, now);
    if (connection.isAfterOutage) {
      connection.isAfterOutage = false;
      if (connection.accessLapsesAt <= now) connection.accessLapsesAt = now + afterOutageMs;
    }
    if (connection.accessLapsesAt <= now && connection.inFlight === 0) {
      closer.closeTransport(connection);
      return;
    }
    for (const { reason, inSeconds } of takeDueWarnings(connection, warningsMs, now)) {
      send(connection, 'session_expiring', { in_seconds: inSeconds, reason });
    }
    scheduleNextCheck(connection);
  }

  function applyStatus(connection: Connection, liveness: SessionInspection | undefined): void {
    if (!connection.socket.connected || connection.pendingEnd !== undefined) return;
    if (liveness?.alive) applyLifetime(connection, liveness);
    else if (liveness) endDelivery.end(liveness.sid, liveness.reason);
  }

  async function inspect(due: readonly Connection[]): Promise<void> {
    const soon = clock.monotonic() + recheckMs;
    for (const connection of due) deadlines.set(connection, soon);
    try {
      const rows = await authority.inspect([...new Set(due.map(({ sid }) => sid!))]);
      const bySid = new Map(rows.map((row) => [row.sid, row]));
      for (const connection of due) applyStatus(connection, bySid.get(connection.sid!));
    } catch (error) {
      for (const connection of due) connection.isAfterOutage = true;
      // Their sockets stay open, and the read is tried again.
      errorReporter.reportUnavailable({ sockets: due.length, err: maskError(error, []) });
    }
  }

  return Object.freeze({
    /** Waits for a new socket to authenticate. */
    awaitAuthentication: (connection: Connection) => deadlines.set(connection, connection.authenticateBy),
    /** Takes over a lifetime, and with it the access token's end, and sets the next deadline. */
    renew(connection: Connection, lifetime: SessionLifetime, accessSeconds: number) {
      const now = clock.monotonic();
      setLifetime(connection, lifetime, warningsMs, now);
      connection.accessLapsesAt = now + accessSeconds * 1_000 + accessGraceMs;
      connection.isAfterOutage = false;
      if (connection.pendingEnd === undefined) scheduleNextCheck(connection);
    },
    /** Reads the row again as soon as possible. */
    recheck: (connection: Connection) => {
      if (connection.pendingEnd === undefined) deadlines.set(connection, clock.monotonic());
    },
    // Not the idle end: another tab's activity may have moved it.
    /** True when calls have to be refused until the row was read again. */
    isLapsed: ({ accessLapsesAt, endsAt }: Connection) => clock.monotonic() >= Math.min(accessLapsesAt, endsAt),
    check(due: readonly Connection[], lateMs: number) {
      const isAfterSleep = lateMs > sleepThresholdMs;
      const toInspect: Connection[] = [];
      for (const connection of due) {
        if (connection.pendingEnd !== undefined) endDelivery.deliver(connection, connection.pendingEnd);
        else if (connection.sid === undefined) timeOut(connection, isAfterSleep);
        else toInspect.push(connection);
        if (isAfterSleep) connection.isAfterOutage = true;
      }
      if (toInspect.length > 0) void inspect(toInspect);
    },
  });
}
