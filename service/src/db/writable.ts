import { isReadOnlyServer } from '@latchkey/contract';
import type pg from 'pg';
import { PostgresClient } from './postgres-client.ts';

/** Thrown where the server at the address of `DATABASE_URL` takes no writes; infrastructure, thus `unavailable`. */
class ReadOnlyServer extends Error {
  override readonly name = 'ReadOnlyServer';
  /** SQLSTATE `read_only_sql_transaction`. */
  readonly code = '25006';
}

/** @throws an error of SQLSTATE 25006 the server behind this connection is a standby, or a demoted primary */
export async function assertWritable(connection: pg.ClientBase | pg.Pool): Promise<void> {
  const { rows } = await connection.query(`SELECT current_setting('transaction_read_only') AS read_only`);
  if (rows[0].read_only === 'on')
    throw new ReadOnlyServer('The database server is read-only. DATABASE_URL has to lead to the primary.');
}

/** Calls `onReadOnly` after each statement that was refused because the server takes no writes. */
export const withReadOnlyDetection = (onReadOnly: () => void): typeof pg.Client =>
  class extends PostgresClient {
    protected override onStatementError(error: Error): void {
      super.onStatementError(error);
      if (isReadOnlyServer(error)) onReadOnly();
    }
  };

/**
 * Replaces the open connections of a pool: idle ones are closed now, the others when they are released.
 *
 * @returns the function that does it
 */
export function createConnectionReplacer(pool: pg.Pool): () => void {
  const open = new Set<pg.PoolClient>();
  const outdated = new WeakSet<pg.PoolClient>();
  pool.on('connect', (client) => open.add(client));
  pool.on('remove', (client) => open.delete(client));
  // After this event the pool checks whether the connection has been ended.
  pool.on('release', (_error, client) => void (outdated.has(client) && client.end()));
  return () => {
    for (const client of open) outdated.add(client);
    for (let idle = pool.idleCount; idle > 0; idle--)
      pool.connect().then(
        (client) => client.release(),
        () => {},
      );
  };
}
