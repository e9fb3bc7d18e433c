import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Kysely } from 'kysely';
import { seedEmbeddedData } from '../../../test-kit/database/embedded-data.ts';
import { sharedPostgres } from '../../../test-kit/database/shared-postgres.ts';
import { openDatabase } from '../src/database/database.ts';
import type { BankSchema } from '../src/database/schema.ts';
import { migrate } from '../src/database/tables.ts';

const log = { warn: () => {}, error: () => {} };

/** One call of `suite` with the bank's tables on PGlite, and one with them on a real Postgres. */
export function eachDatabase(title: string, suite: (db: () => Kysely<BankSchema>) => void): void {
  for (const [kind, create] of Object.entries({ PGlite: onPglite, Postgres: onPostgres })) {
    describe(`${title} (${kind})`, () => {
      let made: Made | undefined;
      before(async function () {
        this.timeout(60_000);
        made = await create();
        await migrate(made.db);
      });
      after(async () => {
        await made?.db.destroy();
        await made?.remove();
      });
      suite(() => made!.db);
    });
  }
}

interface Made {
  readonly db: Kysely<BankSchema>;
  remove(): Promise<void>;
}

async function onPglite(): Promise<Made> {
  const dataDir = mkdtempSync(join(tmpdir(), 'latchkey-bank-'));
  await seedEmbeddedData(dataDir);
  const db = openDatabase({ databaseUrl: undefined, dataDir }, log);
  return { db, remove: async () => rmSync(dataDir, { recursive: true }) };
}

async function onPostgres(): Promise<Made> {
  const postgres = await sharedPostgres();
  const databaseUrl = await postgres.createDatabase();
  const db = openDatabase({ databaseUrl, dataDir: '' }, log);
  return { db, remove: () => postgres.dropDatabase(databaseUrl) };
}
