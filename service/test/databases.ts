import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { createSystemClock } from '@latchkey/core/internal';
import { sql } from 'kysely';
import { seedEmbeddedData } from '../../test-kit/database/embedded-data.ts';
import { sharedPostgres } from '../../test-kit/database/shared-postgres.ts';
import { createPgliteDatabase, pgliteParsers } from '../src/db/embedded.ts';
import { migrate } from '../src/db/migrate.ts';
import { createPostgresDatabase } from '../src/db/postgres.ts';
import type { Database } from '../src/db/types.ts';

/** One call of `suite` for each kind of database; `database()` is open and migrated while its tests run. */
export function onEachDatabase(title: string, suite: (database: () => Database) => void): void {
  for (const kind of kinds) {
    describe(`${title} (${kind.name})`, () => {
      let open: { database: Database; close: () => Promise<void> } | undefined;
      before(async function () {
        this.timeout(60_000);
        open = await kind.open();
      });
      after(() => open?.close());
      suite(() => open!.database);
    });
  }
}

/** Empties what tests fill; the default tenant stays. */
export async function emptyTables({ db }: Database): Promise<void> {
  const accounts = 'users, sessions, operator_invites, one_time_tokens, mails, invitations, known_browsers';
  const tables = `${accounts}, presence, servers, backends, blacklist, signing_keys, secrets, rate_limits, traffic`;
  await sql`TRUNCATE ${sql.raw(tables)}`.execute(db);
  await sql`UPDATE notice_cursors SET at = clock_timestamp()`.execute(db);
  await sql`UPDATE blacklist_head SET seq = 0, floor = 0, counter = 1`.execute(db);
  await sql`DELETE FROM tenants WHERE id <> 'default'`.execute(db);
  await sql`UPDATE tenants SET registration_open = true, max_active_minutes = NULL, max_idle_minutes = NULL,
    email_verification = 'off', email_sign_in = false, password_min_length = NULL, allowed_domains = '{}',
    max_sessions = NULL, session_limit = 'end_oldest', brand = NULL, locale = NULL, disabled_at = NULL`.execute(db);
}

/** The epoch of the database server, which is served in tests. */
export async function epochOf({ db }: Database): Promise<string> {
  const { served } = await db.selectFrom('cluster').select('served').executeTakeFirstOrThrow();
  return served;
}

/** The same database with a clock that a test sets: `clock_timestamp()` of every statement. */
export interface ShiftedDatabase {
  readonly database: Database;
  /** From now on the clock is so many milliseconds beside the right time. */
  shift(ms: number): Promise<void>;
  close(): Promise<void>;
}

export async function openShifted(right: Database): Promise<ShiftedDatabase> {
  for (const statement of [
    'CREATE SCHEMA shifted',
    "CREATE TABLE shifted.clock AS SELECT interval '0' AS beside",
    `CREATE FUNCTION shifted.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
      AS 'SELECT pg_catalog.clock_timestamp() + beside FROM shifted.clock'`,
  ])
    await sql.raw(statement).execute(right.db);
  const database = await withPath(right, 'shifted, pg_catalog, public');
  return {
    database,
    async shift(ms) {
      await sql`UPDATE shifted.clock SET beside = make_interval(secs => ${ms / 1_000}::float8)`.execute(right.db);
    },
    async close() {
      if (database !== right) await database.close();
      else await sql`SET search_path TO DEFAULT`.execute(right.db);
      await sql`DROP SCHEMA shifted CASCADE`.execute(right.db);
    },
  };
}

/** PGlite has one connection; of PostgreSQL further ones are opened. */
async function withPath(database: Database, path: string): Promise<Database> {
  if (database.pool === undefined) {
    await sql`SET search_path TO ${sql.raw(path)}`.execute(database.db);
    return database;
  }
  const url = new URL(database.pool.options.connectionString!);
  url.searchParams.set('options', `-c search_path=${path.replaceAll(' ', '')}`);
  return connect(url.href);
}

let image: Promise<Blob> | undefined;
let template: Promise<string> | undefined;

const kinds = [
  { name: 'PGlite', open: openPglite },
  { name: 'Postgres', open: openPostgres },
];

async function openPglite() {
  image ??= pgliteImage();
  const loadDataDir = await image;
  const database = createPgliteDatabase(() => PGlite.create({ loadDataDir, parsers: pgliteParsers }));
  await database.open();
  return { database, close: () => database.close() };
}

async function pgliteImage(): Promise<Blob> {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-image-'));
  await seedEmbeddedData(folder);
  const lite = await PGlite.create({ dataDir: join(folder, 'db'), parsers: pgliteParsers });
  const database = createPgliteDatabase(
    async () => lite,
    () => rmSync(folder, { recursive: true }),
  );
  await database.open();
  await migrate(database);
  const dump = await lite.dumpDataDir('none');
  await database.close();
  return dump;
}

async function openPostgres() {
  const server = await sharedPostgres();
  template ??= migratedTemplate();
  const url = await server.createDatabase(await template);
  const database = connect(url);
  return {
    database,
    async close() {
      await database.close();
      await server.dropDatabase(url);
    },
  };
}

async function migratedTemplate(): Promise<string> {
  const url = await (await sharedPostgres()).createDatabase();
  const database = connect(url);
  await migrate(database);
  await database.close();
  return url;
}

function connect(url: string): Database {
  return createPostgresDatabase({ url, poolSize: 10, clock: createSystemClock(), onError: () => {} });
}
