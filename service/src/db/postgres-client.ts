import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import pg from 'pg';

/** What pg says when `query_timeout` is over; it then leaves the statement on the connection. */
const timedOut = 'Query read timeout';

/**
 * Kysely sends unnamed statements, which Postgres parses and plans each time: half the speed of named ones. A statement
 * that begins with `/* name: x *\/` is therefore prepared under that name. The text behind a name never varies.
 */
const marker = /^\/\* name: ([a-z_]+) \*\//;

/** What pg's types hide of a connection: it hands the messages of the stream to its parser. */
interface PgConnection {
  attachListeners(stream: Pick<Duplex, 'on'>): void;
}

/** The message says "terminated", so that it counts as a lost connection. */
class UnreadableMessage extends Error {
  override readonly name = 'UnreadableMessage';
  constructor(cause: unknown) {
    super('Connection terminated: the server sent a message that cannot be read', { cause });
  }
}

/**
 * A connection to PostgreSQL. One whose answer did not come in time is reset: its next answer may be the late one, and a
 * silently dead connection would block each later statement for the full timeout. A FIN would leave the send queue to the
 * kernel, which delivers the statement when the network heals; a RST drops it. The pool opens another connection.
 *
 * A message that pg cannot read, such as the request of an authentication that it does not know, ends the connection. pg
 * itself throws in an event of the stream, which would end the process.
 */
export class PostgresClient extends pg.Client {
  readonly #socket: Socket;

  constructor(config?: string | pg.ClientConfig) {
    // The TCP socket, also below TLS: a TLS socket cannot be reset.
    const socket = new Socket();
    const given = typeof config === 'string' ? { connectionString: config } : config;
    super({ ...given, stream: () => socket });
    this.#socket = socket;
    const { connection } = this as unknown as { readonly connection: PgConnection };
    const attachListeners = connection.attachListeners.bind(connection);
    connection.attachListeners = (stream) => attachListeners(endedByErrors(stream as Duplex));
  }

  // biome-ignore lint/suspicious/noExplicitAny: pg overloads `query` six times; only the form that Kysely uses is changed.
  override query(...args: any[]): any {
    const [text, values, callback] = args;
    const name = typeof text === 'string' && Array.isArray(values) ? marker.exec(text)?.[1] : undefined;
    const given = name === undefined ? args : [{ name, text, values }, callback];
    const result: unknown = (super.query as (...all: unknown[]) => unknown).apply(this, given);
    if (result instanceof Promise) result.catch((error: Error) => this.onStatementError(error));
    return result;
  }

  /** Called with the error of each statement that fails. */
  protected onStatementError({ message }: Error): void {
    if (message === timedOut) this.reset();
  }

  /** Ends the connection by a TCP RST, and drops what was not sent yet. */
  reset(): void {
    // Connected, and by no Unix socket.
    if (this.#socket.remotePort !== undefined) this.#socket.resetAndDestroy();
    else this.#socket.destroy();
    this.end().catch(() => {});
  }
}

/** The stream, which ends by what a listener of it throws. */
function endedByErrors(stream: Duplex): Pick<Duplex, 'on'> {
  const on = (event: string, listener: (...args: unknown[]) => void) =>
    stream.on(event, (...args: unknown[]) => {
      try {
        listener(...args);
      } catch (error) {
        stream.destroy(new UnreadableMessage(error));
      }
    });
  return { on } as Pick<Duplex, 'on'>;
}
