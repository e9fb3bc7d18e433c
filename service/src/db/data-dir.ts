import { linkSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { randomBuffer } from '../base/bytes.ts';
import { makePrivateFolder } from '../base/make-private-folder.ts';
import { DataDirInUseError, toUnusableError } from './data-dir-error.ts';
import { listenPrivately } from './private-socket.ts';

interface Owner {
  readonly pid: number;
  /** Start of that process as the kernel counts it, so that a re-used pid is not taken for the owner. */
  readonly started: string;
  /** A socket in the folder that the owner listens on: its pid means nothing in another container. */
  readonly lifeline: string;
}

/**
 * Makes the folder, for its owner alone, and takes it for this process.
 *
 * @returns the function that gives it back
 * @throws DataDirInUseError with a sentence that names the owner's pid
 * @throws DataDirUnusableError with one that says what is wrong
 */
export async function lockDataDir(folder: string): Promise<() => void> {
  try {
    makePrivateFolder(folder);
    return await lock(folder);
  } catch (cause) {
    throw cause instanceof DataDirInUseError ? cause : toUnusableError(folder, cause);
  }
}

async function lock(folder: string): Promise<() => void> {
  const lifeline = `owner-${randomBuffer(4).toString('hex')}.sock`;
  const closeSocket = await openLivenessSocket(join(folder, lifeline));
  const owner: Owner = { pid: process.pid, started: startOf(process.pid), lifeline };
  const mine = JSON.stringify(owner);
  try {
    const file = await acquire(folder, mine);
    return () => {
      // An empty file has no owner. It stays, because the highest number must not be given twice.
      if (read(file) === mine) truncateSync(file);
      closeSocket();
    };
  } catch (error) {
    closeSocket();
    throw error;
  }
}

/**
 * The lock of the folder is the file `lock.<n>` of the highest number. Who finds its owner dead makes the next number, which
 * only one process can. A lock is never replaced or moved, so a slow process cannot undo what a faster one did.
 *
 * @returns the file that names this process
 */
async function acquire(folder: string, mine: string): Promise<string> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const number = highestNumber(folder);
    const found = number === undefined ? undefined : read(fileOf(folder, number));
    if (found !== undefined && (await isOwnerAlive(folder, found))) throw inUse(folder, found);
    const next = (number ?? 0) + 1;
    const file = fileOf(folder, next);
    if (!create(folder, file, mine)) continue;
    if (highestNumber(folder) === next) {
      removeStaleLocks(folder, next);
      return file;
    }
    // This number had been given and removed before: others are further.
    rmSync(file, { force: true });
  }
  throw new DataDirInUseError(`The data folder ${folder} is being taken by another process right now.`);
}

/** The lock of version 0.1 has no number and counts as 0. */
const fileOf = (folder: string, number: number) => join(folder, number === 0 ? 'lock' : `lock.${number}`);

function numbersIn(folder: string): number[] {
  const names = readdirSync(folder).filter((name) => /^lock(\.\d{1,9})?$/.test(name));
  return names.map((name) => Number(name.split('.')[1] ?? 0));
}

function highestNumber(folder: string): number | undefined {
  const numbers = numbersIn(folder);
  return numbers.length === 0 ? undefined : Math.max(...numbers);
}

/** Removes the locks of processes that have ended, and their sockets. */
function removeStaleLocks(folder: string, number: number): void {
  for (const old of numbersIn(folder)) {
    if (old >= number) continue;
    const lifeline = parse(read(fileOf(folder, old)) ?? '')?.lifeline;
    if (lifeline !== undefined) rmSync(join(folder, lifeline), { force: true });
    rmSync(fileOf(folder, old), { force: true });
  }
}

/**
 * `link` fails when the name exists, and creates the complete file at once, so that no process reads a partial lock.
 */
function create(folder: string, file: string, content: string): boolean {
  const own = mkdtempSync(join(folder, '.lock-'));
  try {
    writeFileSync(join(own, 'lock'), content, { mode: 0o600 });
    linkSync(join(own, 'lock'), file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function parse(content: string): Owner | undefined {
  try {
    const { pid, started, lifeline } = JSON.parse(content) as Partial<Owner>;
    const isOwner =
      typeof pid === 'number' && typeof started === 'string' && /^owner-[0-9a-f]+\.sock$/.test(`${lifeline}`);
    return isOwner ? { pid, started, lifeline: `${lifeline}` } : undefined;
  } catch {
    return undefined;
  }
}

async function isOwnerAlive(folder: string, content: string): Promise<boolean> {
  const owner = parse(content);
  if (owner === undefined) return false;
  if (startOf(owner.pid) === owner.started && isRunning(owner.pid)) return true;
  return isListening(join(folder, owner.lifeline));
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Field 22 of /proc/pid/stat plus the boot id; empty where there is no /proc, so that only the pid counts. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot}:${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
  } catch {
    return '';
  }
}

function inUse(folder: string, content: string): DataDirInUseError {
  const pid = parse(content)?.pid;
  return new DataDirInUseError(
    `The data folder ${folder} is in use by process ${pid}. Stop it, or set LATCHKEY_DATA_DIR to another folder.`,
  );
}

/**
 * Listens on a Unix socket and sends nothing: a successful connect shows that this process runs, also from another
 * container that shares the folder. Does nothing if the path is too long for a socket. Keeps no process running.
 *
 * @returns the function that closes and removes it
 */
export async function openLivenessSocket(path: string): Promise<() => void> {
  const server = createServer((socket) => socket.destroy());
  server.on('error', () => {});
  await listenPrivately(server, path).catch(() => {});
  server.unref();
  return () => {
    server.close();
    rmSync(path, { force: true });
  };
}

/** True when a process listens there; also one that is stopped or too busy to answer. */
function isListening(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => resolve(true));
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'EAGAIN'));
    socket.once('close', () => socket.destroy());
    socket.unref();
  });
}
