import { sql } from 'kysely';
import { handleOf } from './connection-checks.ts';
import { nodeTimeouts } from './postgres.ts';
import { PostgresClient } from './postgres-client.ts';
import type { Db } from './schema.ts';

/** A connection for diagnosis. It takes servers that a node refuses, such as a standby. */
export interface Inspection {
  readonly db: Db;
  close(): Promise<void>;
}

/** A server that does not answer ends the diagnosis of it after this time. */
const timeouts = { connectionTimeoutMillis: 5_000, query_timeout: 5_000 };

/**
 * Opens one connection. Nothing is written and no parameter of the session is set, because behind a pooler another client
 * would get it.
 *
 * @param asNode sends the parameters that connections of nodes have, which some poolers refuse
 * @throws an error of pg or of the network
 */
export async function openInspection(url: string, { asNode = false } = {}): Promise<Inspection> {
  const client = new PostgresClient({
    connectionString: url,
    application_name: 'latchkey doctor',
    ...(asNode ? nodeTimeouts : {}),
    ...timeouts,
  });
  // A connection that is lost later shows in the next statement.
  client.on('error', () => {});
  await client.connect();
  return Object.freeze<Inspection>({ db: handleOf(client), close: () => client.end() });
}

/** Whether the server is a standby, and whether it takes writes. */
export async function readServerRole(db: Db): Promise<{ isStandby: boolean; isReadOnly: boolean }> {
  const { rows } = await sql<{ standby: boolean; read_only: boolean }>`
    SELECT pg_is_in_recovery() AS standby, current_setting('transaction_read_only')::bool AS read_only`.execute(db);
  const { standby, read_only } = rows[0]!;
  return { isStandby: standby, isReadOnly: read_only };
}

/** The id of the server process behind a connection. */
export async function readBackendPid(db: Db): Promise<number> {
  const { rows } = await sql<{ pid: number }>`SELECT pg_backend_pid() AS pid`.execute(db);
  return rows[0]!.pid;
}

/** The server's clock, in epoch ms. */
export async function readServerTime(db: Db): Promise<number> {
  const { rows } = await sql<{ ms: number }>`
    SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS ms`.execute(db);
  return rows[0]!.ms;
}

/** Connections that the server offers to this user, and those that programs other than the service have open. */
interface ConnectionLimits {
  readonly limit: number;
  readonly others: number;
}

/** Limits of the user and of the database count as well. */
export async function readConnectionLimits(db: Db): Promise<ConnectionLimits> {
  const { rows } = await sql<ConnectionLimits>`
    SELECT least(
        current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
          - coalesce(current_setting('reserved_connections', true)::int, 0),
        (SELECT nullif(rolconnlimit, -1) FROM pg_roles WHERE rolname = current_user),
        (SELECT nullif(datconnlimit, -1) FROM pg_database WHERE datname = current_database())
      ) AS "limit",
      (SELECT count(*)::int FROM pg_stat_activity
        WHERE usesysid IS NOT NULL AND application_name NOT LIKE 'latchkey%') AS others`.execute(db);
  return rows[0]!;
}
