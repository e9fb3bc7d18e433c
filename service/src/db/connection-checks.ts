import { Kysely, PostgresDialect, type PostgresPoolClient } from 'kysely';
import type pg from 'pg';
import type { Schema } from './schema.ts';

/** Runs on a new connection before the pool hands it out. Where it throws, the connection is closed. */
export type ConnectionCheck = (connection: Kysely<Schema>) => Promise<void>;

export function createConnectionChecks() {
  const checks = new Set<ConnectionCheck>();
  return Object.freeze({
    /** Returns the function that removes the check. */
    add(check: ConnectionCheck) {
      checks.add(check);
      return () => void checks.delete(check);
    },
    async run(client: pg.ClientBase) {
      for (const check of checks) await check(handleOf(client));
    },
  });
}

/** Statements on this connection only. */
export function handleOf(client: pg.ClientBase): Kysely<Schema> {
  const query = client.query.bind(client) as PostgresPoolClient['query'];
  const pool = { connect: async () => ({ query, release() {} }), end: async () => {}, options: {} };
  return new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
}
