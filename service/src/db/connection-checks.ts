import { Kysely, PostgresDialect, type PostgresPoolClient } from 'kysely';
import type pg from 'pg';
import type { Schema } from './schema.ts';

/** Runs on a new connection before the pool hands it out. Where it throws, the connection is closed. */
export type ConnectionCheck = (connection: Kysely<Schema>) => Promise<void>;

interface ConnectionChecks {
  /** Returns the function that removes the check. */
  add(check: ConnectionCheck): () => void;
  run(client: pg.ClientBase): Promise<void>;
}

export function createConnectionChecks(): ConnectionChecks {
  const checks = new Set<ConnectionCheck>();
  return Object.freeze<ConnectionChecks>({
    add(check) {
      checks.add(check);
      return () => void checks.delete(check);
    },
    async run(client) {
      for (const check of checks) await check(handleOf(client));
    },
  });
}

/** Statements on this connection only. */
function handleOf(client: pg.ClientBase): Kysely<Schema> {
  const query = client.query.bind(client) as PostgresPoolClient['query'];
  const pool = { connect: async () => ({ query, release() {} }), end: async () => {}, options: {} };
  return new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
}
