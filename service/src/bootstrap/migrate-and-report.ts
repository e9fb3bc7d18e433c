import { migrate } from '../db/migrate.ts';
import type { Database } from '../db/types.ts';
import { findSharedMailboxes } from '../domain/user/shared-mailboxes.ts';
import type { ServiceLogger } from '../ops/logger.ts';

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
