import { statfsSync } from 'node:fs';
import { join } from 'node:path';
import { errorText } from '@latchkey/core/internal';

/** Another live process owns the data folder. PGlite has no lock of its own, and two owners lose commits. */
export class DataDirInUseError extends Error {
  override readonly name = 'DataDirInUseError';
}

/** The data folder cannot be made or written: a file in its place, no permission, a disk that is read-only or full. */
export class DataDirUnusableError extends Error {
  override readonly name = 'DataDirUnusableError';
}

/** The files of the embedded database are incomplete, changed or of another version of PostgreSQL. */
export class DatabaseDamagedError extends Error {
  override readonly name = 'DatabaseDamagedError';
}

interface FileError {
  readonly code: string;
  /** Number of the code in the file system of Emscripten, whose errors have no other text. */
  readonly errno?: number;
  /** How PostgreSQL says it. */
  readonly text?: RegExp;
  /** The end of a sentence. */
  readonly reason: string;
  /** What to do, where another folder is not the only way. */
  readonly remedy?: string;
}

const otherDisk = 'Free some, or set LATCHKEY_DATA_DIR to a folder on another disk.';

/** What the file system says when a folder cannot be used. */
const fileErrors: readonly FileError[] = [
  {
    ...{ code: 'ENOSPC', errno: 51, text: /No space left/ },
    ...{ reason: 'its disk has no free space', remedy: otherDisk },
  },
  { code: 'EDQUOT', errno: 19, text: /quota exceeded/i, reason: 'its quota has no free space', remedy: otherDisk },
  { code: 'EROFS', errno: 69, text: /Read-only file system/, reason: 'its disk is read-only' },
  { code: 'EACCES', errno: 2, text: /Permission denied/, reason: 'the user of this process may not write there' },
  { code: 'EPERM', errno: 63, text: /not permitted/, reason: 'the user of this process may not write there' },
  { code: 'EEXIST', errno: 20, reason: 'a file is in its place' },
  { code: 'ENOTDIR', errno: 54, reason: 'a file is in its place' },
  { code: 'EFBIG', errno: 22, text: /File too large/, reason: 'this process may not write files of that size' },
  {
    ...{ code: 'EMFILE', errno: 33, text: /Too many open files/, reason: 'this process may not open more files' },
    remedy: 'Raise the limit of open files (ulimit -n).',
  },
  { code: 'EIO', errno: 29, text: /Input\/output error/, reason: 'its disk failed' },
];

const noSpace = fileErrors[0]!;

/** Less than this is a full disk: PostgreSQL gives up where it cannot add a segment of its log. */
const fullBytes = 1_048_576;

/** The sentence for a data folder that an error of the file system makes unusable. */
export function toUnusableError(folder: string, cause: unknown): DataDirUnusableError {
  const { code = '' } = cause as NodeJS.ErrnoException;
  const found = fileErrors.find((row) => row.code === code);
  return unusable(folder, found ?? { code: code || errorText(cause) }, cause);
}

function unusable(
  folder: string,
  { code, reason, remedy }: Pick<FileError, 'code'> & Partial<FileError>,
  cause: unknown,
): DataDirUnusableError {
  const because = reason === undefined ? '' : `, because ${reason}`;
  const otherwise = 'Set LATCHKEY_DATA_DIR to a folder that can be written.';
  return new DataDirUnusableError(
    `The data folder ${folder} cannot be used${because} (${code}). ${remedy ?? otherwise}`,
    { cause },
  );
}

/**
 * The sentence for an embedded database that does not open.
 *
 * @param report what PostgreSQL wrote before it gave up; '' for nothing
 */
export function toOpenError(dataDir: string, cause: unknown, report: string): Error {
  const found = findFileError(cause, report) ?? (isFull(dataDir) ? noSpace : undefined);
  if (found !== undefined) return unusable(dataDir, found, cause);
  return damaged(join(dataDir, 'db'), report || errorText(cause), cause);
}

/** SQLSTATE of a statement that found no space or an error of the disk, and of one that found damaged files. */
const diskStates = /^(53100|58030)$/;
const damageStates = /^(XX001|XX002|58P01)$/;

/** The sentence for a statement on the embedded database that failed because of its files; any other error as it is. */
export function explainFileError(
  { embedded, dataDir }: { readonly embedded: boolean; readonly dataDir: string },
  error: unknown,
): unknown {
  return (embedded ? findStatementError(dataDir, error) : undefined) ?? error;
}

function findStatementError(dataDir: string, error: unknown): Error | undefined {
  if (!(error instanceof Error)) return undefined;
  const state = 'code' in error ? String(error.code) : '';
  if (diskStates.test(state)) return unusable(dataDir, findFileError(error, '') ?? noSpace, error);
  return damageStates.test(state)
    ? damaged(join(dataDir, 'db'), error.message, error)
    : findStatementError(dataDir, error.cause);
}

/** The sentence for files that cannot be opened as a database. */
export function damaged(folder: string, reason: string, cause?: unknown): DatabaseDamagedError {
  return new DatabaseDamagedError(
    `The embedded database in ${folder} cannot be opened: its files are damaged or of another version (${reason}). ` +
      'Restore the folder from a backup (docs/run/backup.md), or move it away to begin with an empty one.',
    { cause },
  );
}

function findFileError(cause: unknown, report: string): FileError | undefined {
  const { errno, code } = (cause ?? {}) as { readonly errno?: unknown; readonly code?: unknown };
  const text = `${report} ${errorText(cause)}`;
  return fileErrors.find(
    (row) => (errno !== undefined && row.errno === errno) || row.code === code || row.text?.test(text),
  );
}

function isFull(folder: string): boolean {
  const space = readFreeBytes(folder);
  return space !== undefined && space < fullBytes;
}

/** Bytes that this user may still write to the disk of a folder; `undefined` where the system does not say. */
export function readFreeBytes(folder: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}
