import { join } from 'node:path';
import { PGlite, types } from '@electric-sql/pglite';
import { Kysely, PGliteDialect } from 'kysely';
import { lockDataDir } from './data-dir.ts';
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
export async function createEmbeddedDatabase({
  dataDir,
  onError,
}: {
  dataDir: string;
  onError: (error: Error) => void;
}): Promise<Database> {
  const unlock = await lockDataDir(dataDir);
  try {
    const trouble = restrictToOwner(dataDir);
    if (trouble !== undefined) onError(new Error(trouble));
    const lite = await PGlite.create({ fs: new PrivateFiles(join(dataDir, 'db')), parsers: pgliteParsers });
    return createPgliteDatabase(lite, unlock);
  } catch (error) {
    unlock();
    throw error;
  }
}

/** The database on an open PGlite. */
export function createPgliteDatabase(lite: PGlite, onClosed: () => void = () => {}): Database {
  const db = new Kysely<Schema>({ dialect: new PGliteDialect({ pglite: lite }) });
  return Object.freeze({
    kind: 'embedded',
    db,
    pool: undefined,
    async assertWritable() {
      await lite.query('SELECT 1');
    },
    onConnect: () => () => {},
    async listen(channel: string, onHint: () => void) {
      const unlisten = await lite.listen(channel, onHint);
      onHint();
      return () => unlisten();
    },
    // One process owns the folder, so no other writer exists.
    exclusively: <T>(_lock: number, work: () => Promise<T>) => work(),
    async close() {
      await db.destroy();
      if (!lite.closed) await lite.close();
      onClosed();
    },
  });
}
