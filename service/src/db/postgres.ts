import { isReadOnlyServer } from '@latchkey/contract';
import type { Clock } from '@latchkey/core/internal';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { createConnectionChecks } from './connection-checks.ts';
import { createListener } from './listener.ts';
import { PostgresClient } from './postgres-client.ts';
import type { Schema } from './schema.ts';
import type { Database } from './types.ts';
import { assertWritable, createConnectionReplacer, withReadOnlyDetection } from './writable.ts';

const connectTimeoutMs = 2_000;
/** Parameters of each connection of a node's pool. */
export const nodeTimeouts = {
  statement_timeout: 2_000,
  /**
   * A node that is suspended inside a transaction would hold the row of `blacklist_head`, so that no node could end a
   * session.
   */
  idle_in_transaction_session_timeout: 5_000,
  /** Postgres ends a statement itself; this is for one that does not answer at all. */
  query_timeout: 2_250,
};

/** Of connections without a timeout: a server that disappeared is noticed while a statement waits. */
const keepAlive = { keepAlive: true, keepAliveInitialDelayMillis: 10_000 };

const int8 = 20;
const types = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === int8 ? Number : pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser,
};

interface PostgresOptions {
  url: string;
  poolSize: number;
  clock: Clock;
  onError: (error: Error) => void;
  /** No statement timeout: for migrations, not for requests. */
  patient?: boolean;
}

/**
 * PostgreSQL through a pool: prepared statements by name, a timeout of two seconds for each statement, also without an
 * answer. When a server becomes read-only (a demoted primary), every connection is replaced, so that the pool resolves
 * the address of the new primary.
 */
export function createPostgresDatabase({ url, poolSize, clock, onError, patient = false }: PostgresOptions): Database {
  let replaceConnections = () => {};
  const checks = createConnectionChecks();
  const pool: pg.Pool = new pg.Pool({
    connectionString: url,
    max: poolSize,
    types,
    ...(patient ? keepAlive : nodeTimeouts),
    connectionTimeoutMillis: connectTimeoutMs,
    application_name: 'latchkey',
    Client: withReadOnlyDetection(() => replaceConnections()),
    async onConnect(client) {
      await assertWritable(client);
      await checks.run(client);
    },
  });
  replaceConnections = createConnectionReplacer(pool);
  pool.on('error', onError);
  pool.on('connect', (client) => client.on('error', onError));
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
  return Object.freeze({
    kind: 'postgres',
    open: async () => {},
    db,
    pool,
    async assertWritable() {
      try {
        await assertWritable(pool);
      } catch (error) {
        if (isReadOnlyServer(error)) replaceConnections();
        throw error;
      }
    },
    onConnect: checks.add,
    listen: (channel: string, onHint: () => void) => createListener({ url, channel, onHint, clock, onError }),
    exclusively: <T>(lock: number, work: () => Promise<T>) => withAdvisoryLock({ url, lock, onError }, work),
    close: () => db.destroy(),
  });
}

/** The lock lives on a session connection of its own: it ends with the process, also when the pool fails. */
async function withAdvisoryLock<T>(
  { url, lock, onError }: Pick<PostgresOptions, 'url' | 'onError'> & { lock: number },
  work: () => Promise<T>,
): Promise<T> {
  const client = new PostgresClient({ connectionString: url, connectionTimeoutMillis: connectTimeoutMs, ...keepAlive });
  client.on('error', onError);
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [lock]);
    return await work();
  } finally {
    await client.end();
  }
}
