import { randomBytes } from 'node:crypto';
import { createSystemClock } from '@latchkey/core/internal';
import { sql } from 'kysely';
import { sharedPostgres } from '../../test-kit/database/shared-postgres.ts';
import { freePort } from '../../test-kit/free-port.ts';
import { createDomain, type Domain } from '../src/bootstrap/create-domain.ts';
import { type Config, createConfig } from '../src/config/config.ts';
import { migrate } from '../src/db/migrate.ts';
import { createPostgresDatabase } from '../src/db/postgres.ts';
import type { Database } from '../src/db/types.ts';

/** The domain modules as the service composes them, with default settings, on a new migrated Postgres database. */
export interface BenchDomain extends Domain {
  readonly database: Database;
  readonly config: Config;
  /** Environment of a service process with the same database and secret. */
  readonly env: Readonly<Record<string, string>> & { readonly PORT: string };
  close(): Promise<void>;
}

export async function openBenchDomain(): Promise<BenchDomain> {
  const server = await sharedPostgres();
  const url = await server.createDatabase();
  const port = String(await freePort());
  const env = {
    PORT: port,
    DATABASE_URL: url,
    LATCHKEY_SECRET: randomBytes(32).toString('hex'),
    LATCHKEY_PUBLIC_URL: `http://127.0.0.1:${port}`,
  };
  const config = createConfig(env);
  const clock = createSystemClock();
  const onError = (error: unknown) => void process.stderr.write(`${error}\n`);
  const database = createPostgresDatabase({ url, poolSize: config.databasePoolSize, clock, onError });
  await migrate(database);
  const domain = createDomain({ config, readSecrets: () => config.secret, database, clock, onError });
  domain.secrets.load();
  await domain.keys.start();
  await domain.feed.start();
  return {
    ...domain,
    database,
    config,
    env,
    async close() {
      await domain.feed.stop();
      await domain.keys.stop();
      await database.close();
      await server.dropDatabase(url);
    },
  };
}

/** Vacuums and analyzes a table, so that each sample starts from the same state. */
export async function settle({ db }: Database, table: string): Promise<void> {
  await sql`VACUUM ANALYZE ${sql.table(table)}`.execute(db);
  await sql`CHECKPOINT`.execute(db);
}
