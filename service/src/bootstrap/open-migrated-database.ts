import type { Config } from '../config/config.ts';
import { ConfigError } from '../config/env.ts';
import { explainFileError } from '../db/data-dir-error.ts';
import { describePending, migrate, pendingMigrations } from '../db/migrate.ts';
import type { Database } from '../db/types.ts';
import { findSharedMailboxes } from '../domain/user/user-list-store.ts';
import type { ServiceLogger } from '../ops/logger.ts';

/**
 * Opens the database, and closes it again if that fails. Embedded mode migrates by itself. A shared database is migrated by
 * command, so a start only checks it.
 *
 * @throws ConfigError migrations are pending · DataDirInUseError · DataDirUnusableError · DatabaseDamagedError
 */
export async function openMigratedDatabase(
  database: Database,
  config: Pick<Config, 'embedded' | 'dataDir'>,
  log: Pick<ServiceLogger, 'warn'>,
  signal?: AbortSignal,
): Promise<void> {
  try {
    await database.open(signal);
    signal?.throwIfAborted();
    await ensureMigrated(database, config, log);
  } catch (error) {
    await database.close().catch(() => {});
    throw explainFileError(config, error);
  }
}

/** Migrates an embedded database, and checks another one. @throws ConfigError migrations are pending */
export async function ensureMigrated(
  database: Database,
  { embedded }: Pick<Config, 'embedded'>,
  log: Pick<ServiceLogger, 'warn'>,
): Promise<void> {
  if (embedded) await migrateAndReport(database, log);
  await assertMigrated(database);
}

async function assertMigrated(database: Database): Promise<void> {
  const pending = await pendingMigrations(database);
  if (pending.length > 0) throw new ConfigError(describePending(pending));
}

const maxIds = 20;

/**
 * Brings the schema to the newest step. When steps were applied, one log line names the accounts that share a mailbox with
 * an older one. They are not changed.
 *
 * @returns names of the steps that were applied now
 */
export async function migrateAndReport(database: Database, log: Pick<ServiceLogger, 'warn'>): Promise<string[]> {
  const applied = await migrate(database);
  const ids = applied.length === 0 ? [] : await findSharedMailboxes(database.db);
  if (ids.length > 0)
    log.warn(
      { accounts: ids.length, ids: ids.slice(0, maxIds) },
      'accounts have the mailbox of an older account in another spelling; each signs in with the spelling that it registered',
    );
  return applied;
}
