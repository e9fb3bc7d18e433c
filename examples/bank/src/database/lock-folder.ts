import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, resolve } from 'node:path';

/**
 * Makes a folder, for its owner alone, and takes it for this process until it ends: PGlite has no lock of its own, and
 * two owners lose commits. The lock is a socket in Linux's abstract namespace. Other systems have none.
 *
 * @throws TypeError with a sentence that names the setting, if another process has the folder or if it cannot be written
 */
export async function lockFolder(folder: string): Promise<void> {
  const { dev, ino } = makeFolder(folder);
  const server = createServer((socket) => socket.destroy()).unref();
  const code = await new Promise<string | undefined>((resolve) => {
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code));
    server.listen(`\0latchkey-bank-${dev}-${ino}`, () => resolve(undefined));
  });
  if (code !== 'EADDRINUSE') return;
  throw new TypeError(
    `BANK_DATA_DIR: ${folder} is in use by another bank. Set another BANK_DATA_DIR, or end that process.`,
  );
}

function makeFolder(folder: string) {
  try {
    makeFolders(resolve(folder));
    accessSync(folder, constants.W_OK | constants.X_OK);
    return statSync(folder);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new TypeError(
      `BANK_DATA_DIR: ${folder} cannot be used (${code}). Set BANK_DATA_DIR to a folder that can be written.`,
      { cause },
    );
  }
}

/** One by one: `recursive` of Node never returns where a file system makes no folders, such as below /proc. */
function makeFolders(path: string): void {
  if (existsSync(path)) return;
  makeFolders(dirname(path));
  mkdirSync(path, { mode: 0o700 });
}
