import { Socket } from 'node:net';
import type pg from 'pg';
import { reportsErrors } from './statement-errors.ts';

/** What pg says when `query_timeout` is over; it then leaves the statement on the connection. */
const timedOut = 'Query read timeout';

/** A client whose connection can be thrown away together with what was not sent yet. */
export interface ResettableClient extends pg.Client {
  /** Ends the connection by a TCP RST. */
  reset(): void;
}

type ResettableClass = new (config?: pg.ClientConfig) => ResettableClient;

/**
 * A connection whose answer did not come in time is reset: its next answer may be the late one, and a silently dead
 * connection would block each later statement for the full timeout. A FIN would leave the send queue to the kernel, which
 * delivers the statement when the network heals; a RST drops it. The pool opens another connection.
 */
export function withResetOnTimeout(Client: typeof pg.Client): ResettableClass & typeof pg.Client {
  class Resettable extends Client implements ResettableClient {
    readonly #socket: Socket;

    constructor(config?: string | pg.ClientConfig) {
      // The TCP socket, also below TLS: a TLS socket cannot be reset.
      const socket = new Socket();
      const given = typeof config === 'string' ? { connectionString: config } : config;
      super({ ...given, stream: () => socket });
      this.#socket = socket;
    }

    reset(): void {
      if (isTcp(this.#socket)) this.#socket.resetAndDestroy();
      else this.#socket.destroy();
      this.end().catch(() => {});
    }
  }
  return reportsErrors(Resettable, ({ message }, client) => message === timedOut && client.reset());
}

/** Connected, and by no Unix socket. */
const isTcp = (socket: Socket): boolean => socket.remotePort !== undefined;
