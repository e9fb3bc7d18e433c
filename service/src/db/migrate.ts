import { migrations } from '@latchkey/migrations';
import { Migrator } from 'kysely/migration';
import type { Db } from './schema.ts';
import type { Database } from './types.ts';

/** Key of the advisory lock. It is arbitrary, and must be the same in all versions of the service. */
const migrationLock = 7_310_582_436;

function migrator(db: Db): Migrator {
  return new Migrator({
    db,
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
    const { error, results } = await migrator(database.db).migrateToLatest();
    if (error !== undefined) throw error;
    return (results ?? []).map((result) => result.migrationName);
  });
}

/** A migration, and when it was applied (ISO 8601); `null`: it is pending. */
export interface MigrationStatus {
  readonly name: string;
  readonly applied_at: string | null;
}

/** The migrations of this version, in their order. Ignores migrations that a newer version has applied. */
export async function listMigrations(db: Db): Promise<MigrationStatus[]> {
  const known = await migrator(db).getMigrations();
  return known.map(({ name, executedAt }) => ({ name, applied_at: executedAt?.toISOString() ?? null }));
}

/** Returns the names of the pending migrations of this version. */
export async function pendingMigrations({ db }: Pick<Database, 'db'>): Promise<string[]> {
  return (await listMigrations(db)).filter(({ applied_at: at }) => at === null).map(({ name }) => name);
}
