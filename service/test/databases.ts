import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { sql } from 'kysely';
import { seedEmbeddedData } from '../../test/harness/embedded-data.ts';
import { sharedPostgres } from '../../test/harness/shared-postgres.ts';
import { createSystemClock } from '../src/base/clock.ts';
import type { Database } from '../src/db/database.ts';
import { embeddedParsers, overPglite } from '../src/db/embedded.ts';
import { migrate } from '../src/db/migrate.ts';
import { createPostgres } from '../src/db/postgres.ts';

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
  const people = 'sessions, users, operator_invites, presence, servers, backends, blacklist';
  const tables = `${people}, signing_keys, secrets, rate_limits, traffic`;
  await sql`TRUNCATE ${sql.raw(tables)}`.execute(db);
  await sql`UPDATE blacklist_head SET seq = 0, floor = 0, counter = 1`.execute(db);
  await sql`DELETE FROM tenants WHERE id <> 'default'`.execute(db);
  await sql`UPDATE tenants SET registration_open = true, max_active_minutes = NULL, max_idle_minutes = NULL`.execute(
    db,
  );
}

/** The epoch of the database server, which is served in tests. */
export async function epochOf({ db }: Database): Promise<string> {
  const { served } = await db.selectFrom('cluster').select('served').executeTakeFirstOrThrow();
  return served;
}

let image: Promise<Blob> | undefined;
let template: Promise<string> | undefined;

const kinds = [
  { name: 'PGlite', open: openPglite },
  { name: 'Postgres', open: openPostgres },
];

async function openPglite() {
  image ??= pgliteImage();
  const database = overPglite(await PGlite.create({ loadDataDir: await image, parsers: embeddedParsers }));
  return { database, close: () => database.close() };
}

async function pgliteImage(): Promise<Blob> {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-image-'));
  await seedEmbeddedData(folder);
  const lite = await PGlite.create({ dataDir: join(folder, 'db'), parsers: embeddedParsers });
  const database = overPglite(lite, () => rmSync(folder, { recursive: true }));
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
  return createPostgres({ url, poolSize: 10, clock: createSystemClock(), onError: () => {} });
}
