import { migrations } from '@latchkey/migrations';
import { sql } from 'kysely';
import { Migrator } from 'kysely/migration';
import type { Db } from './schema.ts';
import type { Database } from './types.ts';

/** Key of the advisory lock. It is arbitrary, and must be the same in all versions of the service. */
const migrationLock = 7_310_582_436;

async function createMigrator(db: Db): Promise<Migrator> {
  const { rows } = await sql<{ schema: string | null }>`SELECT current_schema() AS schema`.execute(db);
  const schema = rows[0]?.schema ?? undefined;
  return new Migrator({
    db,
    // Without it, a table of migrations in another schema of the database would be taken for this one.
    ...(schema === undefined ? {} : { migrationTableSchema: schema }),
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
    const { error, results } = await (await createMigrator(database.db)).migrateToLatest();
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
  const known = await (await createMigrator(db)).getMigrations();
  return known.map(({ name, executedAt }) => ({ name, applied_at: executedAt?.toISOString() ?? null }));
}

/** Names of migrations that this version does not have: a newer one has applied them. */
export async function listNewerMigrations({ db }: Pick<Database, 'db'>): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`SELECT name FROM latchkey_migrations ORDER BY name`.execute(db);
  return rows.map(({ name }) => name).filter((name) => !Object.hasOwn(migrations, name));
}

const maxNames = 3;

/** The sentence for pending migrations, with the command that applies them. */
export function describePending(pending: readonly string[]): string {
  return `The database lacks ${nameSome(pending)}. Run "latchkey migrate" (in a container: migrate) first.`;
}

/** The first names of a list, and how many more there are. */
export function nameSome(names: readonly string[]): string {
  const more = names.length > maxNames ? ` and ${names.length - maxNames} more` : '';
  return `${names.slice(0, maxNames).join(', ')}${more}`;
}

/** Returns the names of the pending migrations of this version. */
export async function pendingMigrations({ db }: Pick<Database, 'db'>): Promise<string[]> {
  return (await listMigrations(db)).filter(({ applied_at: at }) => at === null).map(({ name }) => name);
}
