import { describePending, listNewerMigrations, pendingMigrations } from '../db/migrate.ts';
import type { Database } from '../db/types.ts';
import { CommandFailure } from './command-context.ts';

/** SQLSTATE where a statement names what the schema lacks: a table, a column, a function, a type. */
const lackingCodes = /^(42P01|42703|42883|42704)$/;

/**
 * Runs `work`, and explains an error of a schema that is not the one of this version.
 *
 * @throws CommandFailure the schema is older, newer or damaged · what `work` throws
 */
export async function withSchemaErrors<T>(database: Pick<Database, 'db'>, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!lacksPart(error)) throw error;
    throw new CommandFailure(await describeSchema(database), { cause: error });
  }
}

function lacksPart(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ('code' in error && lackingCodes.test(String(error.code))) || lacksPart(error.cause);
}

async function describeSchema(database: Pick<Database, 'db'>): Promise<string> {
  const pending = await pendingMigrations(database);
  if (pending.length > 0) return describePending(pending);
  const newer = await listNewerMigrations(database);
  return newer.length > 0
    ? `A newer version has migrated the database (${newer.at(-1)}). Run the command with that version.`
    : 'The database lacks a part of its schema, although its migrations were applied. Restore it from a backup.';
}
