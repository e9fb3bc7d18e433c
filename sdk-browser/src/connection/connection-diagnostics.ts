import type { Timers } from '../platform/timers.ts';
import type { SocketConnection } from './connection.ts';
import { checkReachability, type Reachability } from './reachability.ts';

/**
 * Why no socket can be opened:
 * - `no_websocket`        HTTP reaches the server, WebSocket does not. The SDK keeps trying
 * - `origin_refused`      the server does not allow this page's origin
 * - `not_a_service`       something else is served at that address
 * - `connection_refused`  the Socket.IO server refuses the connection before sign-in
 */
export type ConnectionProblemReason = 'no_websocket' | 'origin_refused' | 'not_a_service' | 'connection_refused';

/** Why no socket can be opened. */
export interface ConnectionProblem {
  readonly reason: ConnectionProblemReason;
  /** True if the next attempt would fail, too. */
  readonly isFinal: boolean;
  /** The message of the server, if any. */
  readonly message?: string;
}

interface ConnectionDiagnosticsDeps {
  /** Origin of the socket server. */
  readonly url: string;
  readonly timers: Timers;
  readonly connection: Pick<SocketConnection, 'isConnected' | 'enablePolling'>;
  readonly onProblem: (problem: ConnectionProblem) => void;
  readonly fetch?: typeof globalThis.fetch;
}

/** How long a finding is valid. Attempts that fail in this time send no request. */
const validMs = 10_000;
/** Consecutive equal findings before a report, because a load balancer also answers 404 while its server is replaced. */
const minConsecutiveFindings = 3;

/** True for a CONNECT_ERROR of the server. socket.io-client sets `data` on it, and not on errors of the transport. */
function isServerRefusal(error: Error): boolean {
  return Object.hasOwn(error, 'data');
}

/** Creates the diagnostics of one socket server. */
export function createConnectionDiagnostics(deps: ConnectionDiagnosticsDeps) {
  const { url, timers, connection, onProblem, fetch = globalThis.fetch } = deps;
  let isChecking = false;
  let validUntil = Number.NEGATIVE_INFINITY;
  let last: ConnectionProblemReason | undefined;
  let inARow = 0;
  let hasBeenOpen = false;

  const report = (reason: ConnectionProblemReason, message?: string): void => {
    inARow = reason === last ? inARow + 1 : 1;
    last = reason;
    if (inARow < requiredFindings(reason)) return;
    onProblem({ reason, isFinal: reason !== 'no_websocket', ...(message === undefined ? {} : { message }) });
  };
  /** Returns how many equal findings are needed. After an open connection another server may answer in place of a stopped one. */
  const requiredFindings = (reason: ConnectionProblemReason): number => {
    if (reason === 'origin_refused') return 1;
    return reason === 'no_websocket' && !hasBeenOpen ? 1 : minConsecutiveFindings;
  };
  const take = (found: Reachability): void => {
    if (found === 'unavailable' || found === 'no_websocket') validUntil = timers.now() + validMs;
    if (found === 'polling') connection.enablePolling();
    else if (found !== 'unavailable') report(found);
  };
  return Object.freeze({
    /** Examines an attempt that failed before the connection was open. `error` is that of `connect_error`, if any. */
    examine(error?: Error) {
      if (error !== undefined && isServerRefusal(error)) return report('connection_refused', error.message);
      if (isChecking || timers.now() < validUntil) return;
      isChecking = true;
      void checkReachability(url, fetch).then((found) => {
        isChecking = false;
        if (!connection.isConnected) take(found);
      });
    },
    /** Drops earlier findings, because a connection is open. */
    clear() {
      validUntil = Number.NEGATIVE_INFINITY;
      last = undefined;
      hasBeenOpen = true;
    },
  });
}
