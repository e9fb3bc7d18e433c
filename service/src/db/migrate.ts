import { migrations } from '@latchkey/migrations';
import { Migrator } from 'kysely/migration';
import type { Database } from './types.ts';

/** Key of the advisory lock. It is arbitrary, and must be the same in all versions of the service. */
const migrationLock = 7_310_582_436;

function migrator(database: Pick<Database, 'db'>): Migrator {
  return new Migrator({
    db: database.db,
    provider: { getMigrations: async () => ({ ...migrations }) },
    migrationTableName: 'latchkey_migrations',
    migrationLockTableName: 'latchkey_migrations_lock',
  });
}

/**
 * Brings the schema to the newest step, forward only. Processes that start together wait for each other; one that dies
 * half-way leaves nothing behind, and the next run does it again.
 *
 * @returns names of the steps that were applied now
 */
export async function migrate(database: Database): Promise<string[]> {
  return database.exclusively(migrationLock, async () => {
    if ((await pendingMigrations(database)).length === 0) return [];
    const { error, results } = await migrator(database).migrateToLatest();
    if (error !== undefined) throw error;
    return (results ?? []).map((result) => result.migrationName);
  });
}

/** Returns the pending migrations of this version. Ignores migrations that a newer version has applied. */
export async function pendingMigrations(database: Pick<Database, 'db'>): Promise<string[]> {
  const known = await migrator(database).getMigrations();
  return known.filter((migration) => migration.executedAt === undefined).map((migration) => migration.name);
}
