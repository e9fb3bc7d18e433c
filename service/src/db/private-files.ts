import { chmodSync, existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { PGlite } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';

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
  override async init(lite: PGlite, options: PostgresModule): ReturnType<NodeFS['init']> {
    const { emscriptenOpts } = await super.init(lite, options);
    return { emscriptenOpts: { ...emscriptenOpts, preRun: [maskFileModes, ...(emscriptenOpts.preRun ?? [])] } };
  }
}

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
    return sentence(dataDir, (error as NodeJS.ErrnoException).code ?? String(error));
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
