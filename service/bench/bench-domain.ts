import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { sharedPostgres } from '../../test-kit/database/shared-postgres.ts';
import { freePort } from '../../test-kit/free-port.ts';
import { createSystemClock } from '../src/base/clock.ts';
import { createDomain, type Domain } from '../src/bootstrap/create-domain.ts';
import { type Config, createConfig } from '../src/config/config.ts';
import { migrate } from '../src/db/migrate.ts';
import { createPostgresDatabase } from '../src/db/postgres.ts';
import type { Database } from '../src/db/types.ts';

/** The rooms as the service composes them, with its defaults, on a migrated Postgres database of their own. */
export interface BenchRooms extends Domain {
  readonly database: Database;
  readonly config: Config;
  /** For a process of the service that shares database and secret. */
  readonly env: Readonly<Record<string, string>> & { readonly PORT: string };
  close(): Promise<void>;
}

export async function openRooms(): Promise<BenchRooms> {
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
  const rooms = createDomain({ config, readSecrets: () => config.secret, database, clock, onError });
  rooms.secrets.load();
  await rooms.keys.start();
  await rooms.feed.start();
  return {
    ...rooms,
    database,
    config,
    env,
    async close() {
      await rooms.feed.stop();
      await rooms.keys.stop();
      await database.close();
      await server.dropDatabase(url);
    },
  };
}

/** Fresh statistics, and nothing dead lying about: every sample begins alike. */
export async function settle({ db }: Database, table: string): Promise<void> {
  await sql`VACUUM ANALYZE ${sql.table(table)}`.execute(db);
  await sql`CHECKPOINT`.execute(db);
}
