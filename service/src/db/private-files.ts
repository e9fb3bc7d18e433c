import { chmodSync, existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as pause } from 'node:timers/promises';
import type { PGlite } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';
import { errorText } from '@latchkey/core/internal';

/** Permissions that users other than the owner would have. */
const othersMask = 0o077;

type PostgresModule = Parameters<NodeFS['init']>[1];
type Hook = NonNullable<PostgresModule['preRun']>[number];

/** The operations of Emscripten's file system that set a mode. Its types leave them out. */
interface NodeOperations {
  setattr(node: object, attributes: { readonly mode?: number }): void;
  mknod(parent: object, name: string, mode: number, device: number): object;
}

/**
 * The files of PGlite, for their owner alone: mode 600, folders 700. PGlite itself gives every file mode 666, whatever the
 * umask is.
 */
export class PrivateFiles extends NodeFS {
  readonly #written: string[] = [];
  readonly #signal: AbortSignal | undefined;
  isOpen = false;

  /** @param signal gives the opening up, between two of its parts */
  constructor(folder: string, signal?: AbortSignal) {
    super(folder);
    this.#signal = signal;
  }

  override async init(lite: PGlite, options: PostgresModule): ReturnType<NodeFS['init']> {
    const { emscriptenOpts } = await super.init(lite, options);
    const printErr = (line: string) => {
      if (this.#written.length < maxWrittenLines) this.#written.push(line);
      emscriptenOpts.printErr?.(line);
    };
    const preRun = [maskFileModes, ...(emscriptenOpts.preRun ?? [])];
    return { emscriptenOpts: { ...emscriptenOpts, printErr, preRun } };
  }

  /** PGlite calls it between the parts of an opening, each of which blocks this process: signals are received in between. */
  override async initialSyncFs(): Promise<void> {
    await pause();
    this.#signal?.throwIfAborted();
  }

  /** PGlite calls it when a first start has made the files, and after each statement, which waits for nothing. */
  override async syncToFs(): Promise<void> {
    if (!this.isOpen) await this.initialSyncFs();
  }

  /** Why PostgreSQL gave up, in its own words: the last error that it wrote, with its details; '' for none. */
  report(): string {
    const start = this.#written.findLastIndex((line) => /(FATAL|PANIC): |^postgres: /.test(line));
    if (start === -1) return '';
    const [error = '', next = ''] = this.#written.slice(start).map((line) => toPlain(line, this.rootDir));
    return / DETAIL: /.test(this.#written[start + 1] ?? '') ? `${error}; ${next}` : error;
  }
}

/** A line without its time and severity, and with the path of the folder that PostgreSQL sees as another one. */
const toPlain = (line: string, folder: string) =>
  line
    .replace(/^.*?\] [A-Z]+: +/, '')
    .replaceAll('/pglite/data', folder)
    .replace(/\.$/, '');

/** PostgreSQL writes a line for each page that it finds damaged. */
const maxWrittenLines = 1_000;

const maskFileModes: Hook = ({ NODEFS }) => {
  const { node_ops: operations } = NODEFS as unknown as { node_ops: NodeOperations };
  const { setattr, mknod } = operations;
  operations.setattr = (node, attributes) => {
    const { mode } = attributes;
    setattr(node, mode === undefined ? attributes : { ...attributes, mode: mode & ~othersMask });
  };
  operations.mknod = (parent, name, mode, device) => mknod(parent, name, mode & ~othersMask, device);
};

/**
 * Removes the permissions of other users from the data folder and from everything in its `db` folder. An earlier version,
 * or the user that created the folder, may have granted them.
 *
 * @returns a sentence when that was not possible
 */
export function restrictToOwner(dataDir: string): string | undefined {
  try {
    removeOthersPermissions(dataDir);
    const database = join(dataDir, 'db');
    if (existsSync(database)) {
      removeOthersPermissions(database);
      for (const entry of readdirSync(database, { recursive: true, encoding: 'utf8' }))
        removeOthersPermissions(join(database, entry));
    }
    // Some file systems ignore the mode without an error.
    return isAccessibleToOthers(dataDir) ? sentence(dataDir, 'its file system has no permissions') : undefined;
  } catch (error) {
    return sentence(dataDir, (error as NodeJS.ErrnoException).code ?? errorText(error));
  }
}

const isAccessibleToOthers = (path: string) => (statSync(path).mode & othersMask) !== 0;

function removeOthersPermissions(path: string): void {
  const { mode } = statSync(path);
  if ((mode & othersMask) !== 0) chmodSync(path, mode & 0o777 & ~othersMask);
}

function sentence(dataDir: string, cause: string): string {
  return (
    `Other users of this machine may read the data folder ${dataDir} (${cause}). ` +
    'Make the user of this process its owner, or set LATCHKEY_DATA_DIR to a folder that this user owns.'
  );
}
