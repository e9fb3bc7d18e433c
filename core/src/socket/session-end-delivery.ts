import type { EndReason } from '@latchkey/contract';
import type { Connection, Connections } from './connection.ts';
import type { ConnectionCloser } from './connection-closer.ts';
import type { Deadlines } from './deadlines.ts';
import type { ProtocolContext } from './options.ts';
import { send } from './send.ts';

export type SessionEndDelivery = ReturnType<typeof createSessionEndDelivery>;

interface SessionEndDeliveryDeps extends Pick<ProtocolContext, 'clock' | 'timings'> {
  readonly connections: Connections;
  readonly deadlines: Deadlines<Connection>;
  readonly closer: ConnectionCloser;
}

/** How the end of a session reaches its sockets on this server. */
export function createSessionEndDelivery({ clock, timings, connections, deadlines, closer }: SessionEndDeliveryDeps) {
  /** `logged_out`, then closed, now. */
  function deliver(connection: Connection, reason: EndReason): void {
    send(connection, 'logged_out', { reason });
    closer.close(connection);
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
      for (const connection of connections.listBySession(sid)) endOne(connection, reason);
    },
  });
}
