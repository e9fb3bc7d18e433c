import type { Timers } from '../platform/timers.ts';
import type { ConnectionProblemReason } from '../session-state.ts';
import type { SocketConnection } from './connection.ts';
import { checkReachability, type Reachability } from './reachability.ts';

/** Finds out why attempts to connect fail, and says what does not come right by trying again. */
interface ConnectionDiagnostics {
  /** An attempt failed before the connection was open. `error` is that of `connect_error`, if there was one. */
  examine(error?: Error): void;
  /** A connection is open: earlier findings no longer count. */
  clear(): void;
}

/** What is in the way of the socket. */
export interface ConnectionProblem {
  readonly reason: ConnectionProblemReason;
  /** The next attempt would fail as well. */
  readonly isFinal: boolean;
  /** The server's own words, if it said any. */
  readonly message?: string;
}

interface ConnectionDiagnosticsDeps {
  /** Of the socket server. */
  readonly url: string;
  readonly timers: Timers;
  readonly connection: () => Pick<SocketConnection, 'isConnected' | 'enablePolling'>;
  readonly onProblem: (obstacle: ConnectionProblem) => void;
  readonly fetch?: typeof globalThis.fetch;
}

/** A finding stays valid for so long; attempts that fail meanwhile ask for nothing. */
const validMs = 10_000;
/** A load balancer whose server is being replaced answers 404, too: only so many findings in a row count. */
const minConsecutiveFindings = 3;

/** True for a CONNECT_ERROR of the server, which socket.io-client gives `data`; its other errors are of the transport. */
function isServerRefusal(error: Error): boolean {
  return Object.hasOwn(error, 'data');
}

export function createConnectionDiagnostics(deps: ConnectionDiagnosticsDeps): ConnectionDiagnostics {
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
  /** After a connection that was open, another server may answer in the place of the one that is gone. */
  const requiredFindings = (reason: ConnectionProblemReason): number => {
    if (reason === 'origin_refused') return 1;
    return reason === 'no_websocket' && !hasBeenOpen ? 1 : minConsecutiveFindings;
  };
  const take = (found: Reachability): void => {
    if (found === 'unavailable' || found === 'no_websocket') validUntil = timers.now() + validMs;
    if (found === 'polling') connection().enablePolling();
    else if (found !== 'unavailable') report(found);
  };
  return Object.freeze({
    examine(error?: Error) {
      if (error !== undefined && isServerRefusal(error)) return report('connection_refused', error.message);
      if (isChecking || timers.now() < validUntil) return;
      isChecking = true;
      void checkReachability(url, fetch).then((found) => {
        isChecking = false;
        if (!connection().isConnected) take(found);
      });
    },
    clear() {
      validUntil = Number.NEGATIVE_INFINITY;
      last = undefined;
      hasBeenOpen = true;
    },
  });
}
