import type { Logger } from '@latchkey/core/internal';

interface ErrorSource {
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/** The events of a pg pool. `pg.Pool` fits. */
export interface PgPoolEvents {
  on(event: 'error', listener: (error: Error, client: object) => void): unknown;
  on(event: 'acquire', listener: (client: ErrorSource) => void): unknown;
}

/** Clients whose loss was logged: pg reports one loss up to three times. */
const logged = new WeakSet<object>();

function logLoss(log: Logger | undefined, error: Error, client: object): void {
  if (logged.has(client)) return;
  logged.add(client);
  const message = 'a connection to the database was lost';
  if (log) log.warn({ err: error }, message);
  else process.emitWarning(`${message}: ${error.message}`);
}

/** The log of each pool that is handled. */
const logs = new WeakMap<object, Logger | undefined>();

/**
 * Listens to the `error` events of a pg pool and of its clients, and returns the pool. Without a listener, Node ends the
 * process when a connection is lost: an idle one, or one that a transaction holds between two statements. The pool
 * replaces lost connections; a transaction on one rejects with pg's error. Each loss is one line in the log.
 *
 * Needed for a pool under Kysely, whose clients no transaction class can reach. Calling it again changes the log at most.
 *
 * @throws TypeError for what is no pool
 * @param log where losses are written. Default: a process warning
 * @example
 * const pool = handlePoolErrors(new pg.Pool({ connectionString }), log);
 * const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
 * const transactions = latchkey.transactions(kyselyTransactionClass(db));
 */
export function handlePoolErrors<Pool extends PgPoolEvents>(pool: Pool, log?: Logger): Pool {
  if (typeof pool?.on !== 'function') throw new TypeError('handlePoolErrors takes a Pool of pg');
  const isHandled = logs.has(pool);
  logs.set(pool, log ?? logs.get(pool));
  if (!isHandled) listen(pool);
  return pool;
}

function listen(pool: PgPoolEvents): void {
  const clients = new WeakSet<object>();
  pool.on('error', (error, client) => logLoss(logs.get(pool), error, client));
  pool.on('acquire', (client) => {
    if (clients.has(client)) return;
    clients.add(client);
    client.on('error', (error) => logLoss(logs.get(pool), error, client));
  });
}
