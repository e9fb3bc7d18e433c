import { fail } from '@latchkey/contract';
import { createAdminAccess } from '../bootstrap/create-admin-access.ts';
import type { Config } from '../config/config.ts';
import { maxImportRows } from '../domain/user/transfer/user-import.ts';
import { type CommandContext, CommandFailure, type CommandSettings, readCommandSettings } from './command-context.ts';
import { callControlSocket, controlSocketPath } from './control-socket.ts';
import { createOwnerCalls, type OwnerCalls, ownerCallNames } from './owner-calls.ts';
import { printAnswer, printPages } from './print.ts';
import { withDatabase } from './with-database.ts';

/** Rows of one piece of an import: the process that owns an embedded database serves sockets in between. */
const maxRowsOfOwner = 50;

/** The process may be at work, or suspended. */
const pingTimeoutMs = 30_000;

/** The process that owns the database: this one, or with the embedded database the one that runs. */
export interface Owner extends OwnerCalls {
  /** The most rows of one piece of an import. */
  readonly maxImportRows: number;
}

/**
 * Runs `work` on the database: PostgreSQL directly, an embedded one through the running process, or when none runs, as the
 * owner of the folder.
 *
 * @throws ConfigError the settings · CommandFailure · Failure what a call throws
 */
export async function withOwner<T>(context: CommandContext, work: (owner: Owner) => Promise<T>): Promise<T> {
  const settings = readCommandSettings(context);
  const running = await findRunningOwner(settings.config);
  return running === undefined ? withOwnDatabase(settings, work) : work(running);
}

/** Runs `work` on the database, and prints what it returns. */
export async function printFromOwner(
  context: CommandContext,
  work: (owner: Owner) => Promise<unknown>,
  columns?: readonly string[],
): Promise<void> {
  printAnswer(context, await withOwner(context, work), columns);
}

/** Prints the list that `read` reads page by page. */
export function printListFromOwner(
  context: CommandContext,
  read: (owner: Owner) => AsyncIterable<readonly object[]>,
  columns: readonly string[],
): Promise<void> {
  return withOwner(context, (owner) => printPages(context, read(owner), columns));
}

/** The process that runs with the embedded database; `undefined`: none does, or the database is PostgreSQL. */
export async function findRunningOwner(config: Pick<Config, 'embedded' | 'dataDir'>): Promise<Owner | undefined> {
  const path = controlSocketPath(config);
  const isRunning = config.embedded && (await callControlSocket(path, 'ping', undefined, pingTimeoutMs)) !== undefined;
  return isRunning ? { ...createRemoteCalls(path), maxImportRows: maxRowsOfOwner } : undefined;
}

function createRemoteCalls(path: string): OwnerCalls {
  const call = (name: string) => async (input: unknown) => {
    const answer = await callControlSocket(path, name, input);
    if (answer === undefined) throw new CommandFailure('The service that owns the data folder has ended.');
    if (!answer.ok) throw fail(answer.error.code, { message: answer.error.message });
    return answer.data;
  };
  return Object.fromEntries(ownerCallNames.map((name) => [name, call(name)])) as unknown as OwnerCalls;
}

function withOwnDatabase<T>(settings: CommandSettings, work: (owner: Owner) => Promise<T>): Promise<T> {
  return withDatabase(settings, { migrated: true }, async (database) => {
    const access = await createAdminAccess({ ...settings, database });
    return work({ ...createOwnerCalls(access), maxImportRows });
  });
}
