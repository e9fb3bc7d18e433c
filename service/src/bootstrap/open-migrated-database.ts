import type { Config } from '../config/config.ts';
import { ConfigError } from '../config/env.ts';
import { pendingMigrations } from '../db/migrate.ts';
import type { Database } from '../db/types.ts';
import type { ServiceLogger } from '../ops/logger.ts';
import { migrateAndReport } from './migrate-and-report.ts';

/**
 * Opens the database, and closes it again if that fails. Embedded mode migrates by itself. A shared database is migrated by
 * command, so a start only checks it.
 *
 * @throws ConfigError migrations are pending
 */
export async function openMigratedDatabase(
  database: Database,
  { embedded }: Pick<Config, 'embedded'>,
  log: Pick<ServiceLogger, 'warn'>,
): Promise<void> {
  try {
    await database.open();
    if (embedded) await migrateAndReport(database, log);
    await assertMigrated(database);
  } catch (error) {
    await database.close().catch(() => {});
    throw error;
  }
}

async function assertMigrated(database: Database): Promise<void> {
  const pending = await pendingMigrations(database);
  if (pending.length === 0) return;
  throw new ConfigError(
    `The database lacks ${pending.join(', ')}. Run "npm run migrate" (in a container: migrate) first.`,
  );
}
