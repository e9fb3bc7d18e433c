import type { EndReason } from '@latchkey/contract';
import type { Clock } from '../clock.ts';
import type { Connection, Connections } from './connection.ts';
import type { Deadlines } from './deadlines.ts';
import type { Farewell } from './farewell.ts';
import type { Timings } from './options.ts';
import { send } from './send.ts';

/** How the end of a session reaches its sockets on this server. */
export interface Endings {
  end(sid: string, reason: EndReason): void;
  /** `logged_out`, then closed, now. */
  deliver(connection: Connection, reason: EndReason): void;
}

interface EndingsDeps {
  readonly clock: Clock;
  readonly timings: Timings;
  readonly connections: Connections;
  readonly deadlines: Deadlines<Connection>;
  readonly farewell: Farewell;
}

export function createEndings({ clock, timings, connections, deadlines, farewell }: EndingsDeps): Endings {
  function deliver(connection: Connection, reason: EndReason): void {
    send(connection, 'logged_out', { reason });
    farewell.dismiss(connection);
  }

  // The feed may be faster than the answer: who shows a replaced token gets `unauthorized token_reused`.
  function endOne(connection: Connection, reason: EndReason): void {
    if (connection.inFlight === 0) deliver(connection, reason);
    else if (connection.pendingEnd === undefined) {
      connection.pendingEnd = reason;
      deadlines.set(connection, clock.monotonic() + timings.answerMs);
    }
  }

  return Object.freeze({
    deliver,
    end(sid: string, reason: EndReason) {
      for (const connection of connections.ofSession(sid)) endOne(connection, reason);
    },
  });
}
