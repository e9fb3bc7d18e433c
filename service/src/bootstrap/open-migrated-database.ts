import type { Clock } from '../base/clock.ts';
import type { Config } from '../config/config.ts';
import { ConfigError } from '../config/env.ts';
import { openDatabase } from '../db/database.ts';
import { pendingMigrations } from '../db/migrate.ts';
import type { Database } from '../db/types.ts';
import type { ServiceLogger } from '../ops/logger.ts';
import { migrateAndReport } from './migrate-and-report.ts';

/** Embedded mode migrates by itself; a shared database is migrated by command, and a start only looks. */
export async function openMigratedDatabase(
  config: Config,
  { log, ...deps }: { clock: Clock; log: ServiceLogger; onError: (error: unknown) => void },
): Promise<Database> {
  const database = await openDatabase(config, deps);
  return closeOnError(database, async () => {
    if (config.embedded) await migrateAndReport(database, log);
    const pending = await pendingMigrations(database);
    if (pending.length === 0) return database;
    throw new ConfigError(
      `The database lacks ${pending.join(', ')}. Run "npm run migrate" (in a container: migrate) first.`,
    );
  });
}

/** What the work rejects with, once the database is closed. */
export async function closeOnError<T>(database: Database, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    await database.close().catch(() => {});
    throw error;
  }
}
