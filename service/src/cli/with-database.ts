import { ensureMigrated } from '../bootstrap/open-migrated-database.ts';
import { explainFileError } from '../db/data-dir-error.ts';
import { createDatabase } from '../db/database.ts';
import type { Database } from '../db/types.ts';
import type { CommandSettings } from './command-context.ts';
import { withSchemaErrors } from './schema-error.ts';

/**
 * Opens the database for one piece of work, and closes it afterwards.
 *
 * @param options.migrated migrates an embedded database, and refuses another one that lacks a migration
 * @throws ConfigError migrations are pending · CommandFailure the schema is of another version · DataDirInUseError ·
 * DataDirUnusableError · DatabaseDamagedError
 */
export async function withDatabase<T>(
  { config, log, clock }: CommandSettings,
  { migrated }: { readonly migrated: boolean },
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const onError = (error: Error) => log.warn({ err: error }, 'error of the database, or of a connection to it');
  const database = createDatabase(config, { clock, onError, patient: true });
  try {
    await database.open();
    if (!migrated) return await work(database);
    return await withSchemaErrors(database, async () => {
      await ensureMigrated(database, config, log);
      return work(database);
    });
  } catch (error) {
    throw explainFileError(config, error);
  } finally {
    await database.close();
  }
}
