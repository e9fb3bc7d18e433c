import { join } from 'node:path';
import { setImmediate as pause } from 'node:timers/promises';
import { PGlite, types } from '@electric-sql/pglite';
import { fail } from '@latchkey/contract';
import { Kysely, PGliteDialect } from 'kysely';
import { lockDataDir } from './data-dir.ts';
import { toOpenError } from './data-dir-error.ts';
import { markComplete, prepareDatabaseFolder } from './database-folder.ts';
import { PrivateFiles, restrictToOwner } from './private-files.ts';
import type { Schema } from './schema.ts';
import type { Database } from './types.ts';

/** Results look the same from both databases. */
export const pgliteParsers = {
  [types.INT8]: Number,
  [types.BYTEA]: (text: string) => Buffer.from(text.slice(2), 'hex'),
};

/**
 * PGlite in the data folder: the same SQL in this process. One owner at a time, kept by a lock file of our own. Folder and
 * files are for the user of this process alone; `onError` is called when that cannot be done.
 */
export function createEmbeddedDatabase({
  dataDir,
  onError,
}: {
  dataDir: string;
  onError: (error: Error) => void;
}): Database {
  let unlock = () => {};
  async function open(signal?: AbortSignal): Promise<PGlite> {
    unlock = await lockDataDir(dataDir);
    const folder = join(dataDir, 'db');
    prepareDatabaseFolder(folder);
    const warning = restrictToOwner(dataDir);
    if (warning !== undefined) onError(new Error(warning));
    const lite = await openFolder(dataDir, signal);
    markComplete(folder);
    return lite;
  }
  return createPgliteDatabase(open, () => unlock());
}

/** @throws DataDirUnusableError the disk is full, or read-only · DatabaseDamagedError */
async function openFolder(dataDir: string, signal: AbortSignal | undefined): Promise<PGlite> {
  const files = new PrivateFiles(join(dataDir, 'db'), signal);
  try {
    const lite = await PGlite.create({ fs: files, parsers: pgliteParsers });
    files.isOpen = true;
    // Signals that came meanwhile are received before the migrations, which block as well.
    await pause();
    return lite;
  } catch (error) {
    signal?.throwIfAborted();
    throw toOpenError(dataDir, error, files.report());
  }
}

/** A database over a PGlite that `create` opens. @param onClosed is called after `close`, opened or not */
export function createPgliteDatabase(
  create: (signal?: AbortSignal) => Promise<PGlite>,
  onClosed: () => void = () => {},
): Database {
  let lite: PGlite | undefined;
  const opened = (): PGlite => {
    if (lite === undefined) throw fail('unavailable', { detail: 'the database is not open' });
    return lite;
  };
  const db = new Kysely<Schema>({ dialect: new PGliteDialect({ pglite: opened }) });
  return Object.freeze({
    kind: 'embedded',
    async open(signal?: AbortSignal) {
      lite = await create(signal);
    },
    db,
    pool: undefined,
    async assertWritable() {
      await opened().query('SELECT 1');
    },
    onConnect: () => () => {},
    async listen(channel: string, onHint: () => void) {
      const unlisten = await opened().listen(channel, onHint);
      onHint();
      return () => unlisten();
    },
    // One process owns the folder, so no other writer exists.
    exclusively: <T>(_lock: number, work: () => Promise<T>) => work(),
    async close() {
      await db.destroy();
      if (lite?.closed === false) await lite.close();
      onClosed();
    },
  });
}
