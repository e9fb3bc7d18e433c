import { closeSync, existsSync, fsyncSync, openSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makePrivateFolder } from '../base/make-private-folder.ts';
import { damaged, toUnusableError } from './data-dir-error.ts';

/** A file in the folder of the database while its first start makes the files. PostgreSQL ignores it. */
const markerOf = (folder: string) => join(folder, 'latchkey.incomplete');

/**
 * Makes the folder of the database, for its owner alone, and removes the files of a first start that did not come to its
 * end.
 *
 * @throws DatabaseDamagedError there are files, but not of a whole database: PGlite would make a new one over them ·
 * DataDirUnusableError
 */
export function prepareDatabaseFolder(folder: string): void {
  if (existsSync(join(folder, 'PG_VERSION')) && !existsSync(markerOf(folder))) return;
  if (!isEmpty(folder) && !existsSync(markerOf(folder))) throw damaged(folder, 'the file PG_VERSION is missing');
  try {
    for (const name of list(folder)) rmSync(join(folder, name), { recursive: true });
    // PGlite itself would make it for every user.
    makePrivateFolder(folder);
    writeFileSync(markerOf(folder), '', { mode: 0o600 });
  } catch (error) {
    throw toUnusableError(folder, error);
  }
}

/** The files are a database from now on, also after a loss of power. */
export function markComplete(folder: string): void {
  if (!existsSync(markerOf(folder))) return;
  rmSync(markerOf(folder));
  const descriptor = openSync(folder, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
}

const list = (folder: string) => (existsSync(folder) ? readdirSync(folder) : []);
const isEmpty = (folder: string) => list(folder).length === 0;
