import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import pg from 'pg';
import { freePort } from '../free-port.ts';
import { letGo } from '../held-handles.ts';
import { createPostgresFiles, type PostgresFiles } from './postgres-files.ts';

/** A real Postgres of its own, on 127.0.0.1. */
export interface Postgres {
  /** Of the database `postgres`; tests use {@link Postgres.createDatabase}. */
  readonly url: string;
  readonly port: number;
  /** Temporary; gone after {@link Postgres.stop}. */
  readonly folder: string;
  /** Process id of the postmaster that runs now. */
  pid(): number;
  /** What the server has logged so far. */
  log(): string;
  /** A new, empty database, or a copy of `template` (its URL; there must be no connection to it). Returns its URL. */
  createDatabase(template?: string): Promise<string>;
  /** Drops a database by its URL, even while there are connections. */
  dropDatabase(url: string): Promise<void>;
  /** Stops and starts on the same port. `immediate` is a crash: no shutdown checkpoint, recovery at start. */
  restart(mode: 'immediate' | 'fast'): Promise<void>;
  /** Stops the server and leaves it down until {@link Postgres.start}. */
  halt(mode: 'immediate' | 'fast'): Promise<void>;
  start(): Promise<void>;
  /** SIGSTOP to every process of the server: connections stay open, nothing answers. Linux only. */
  pause(): void;
  resume(): void;
  /** Ends the server and removes its files. Ending the test process in any way does the same. */
  stop(): Promise<void>;
}

/**
 * Starts a private Postgres 18 in a temporary folder: 200 connections, no fsync, commits visible as in production.
 *
 * @example
 * const postgres = await startPostgres();
 * const url = await postgres.createDatabase();
 */
export async function startPostgres(): Promise<Postgres> {
  const password = randomBytes(16).toString('hex');
  return servePostgres(await createPostgresFiles(password), password);
}

/** Starts a server on a data folder; `settings` beside the usual ones, as `name=value`. */
export async function servePostgres(
  files: PostgresFiles,
  password: string,
  settings: readonly string[] = [],
): Promise<Postgres> {
  const port = await freePort();
  const keeper = createKeeper(files, [...usualSettings, ...settings], port);
  const urlOf = (database: string) => `postgres://latchkey:${password}@127.0.0.1:${port}/${database}`;
  await keeper.start();

  const sql = async (text: string) => {
    const client = new pg.Client({ connectionString: urlOf('postgres') });
    await client.connect();
    await client.query(text).finally(() => client.end());
  };
  const halt = async (mode: 'immediate' | 'fast') => {
    signalAll('SIGCONT', keeper.pid());
    await keeper.end(mode === 'fast' ? 'INT' : 'QUIT');
  };
  return Object.freeze<Postgres>({
    url: urlOf('postgres'),
    port,
    folder: files.folder,
    pid: keeper.pid,
    log: keeper.log,
    async createDatabase(template) {
      const name = `test_${randomBytes(6).toString('hex')}`;
      await sql(`CREATE DATABASE ${name}${template === undefined ? '' : ` TEMPLATE ${databaseOf(template)}`}`);
      return urlOf(name);
    },
    // pg's pools end before their connections are closed. A connection that is cut meanwhile would be an uncaught error.
    async dropDatabase(url) {
      const name = databaseOf(url);
      await sql(`DO $$ BEGIN FOR n IN 1..15 LOOP
        PERFORM pg_stat_clear_snapshot();
        EXIT WHEN NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = '${name}');
        PERFORM pg_sleep(0.01); END LOOP; END $$`);
      await sql(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    },
    async restart(mode) {
      await halt(mode);
      await keeper.start();
    },
    halt,
    start: keeper.start,
    pause: () => signalAll('SIGSTOP', keeper.pid()),
    resume: () => signalAll('SIGCONT', keeper.pid()),
    async stop() {
      signalAll('SIGCONT', keeper.pid());
      await keeper.close();
    },
  });
}

function databaseOf(url: string): string {
  return `"${new URL(url).pathname.slice(1)}"`;
}

/**
 * A shell that owns the server and obeys lines on its standard input. The other end of that pipe is held by this
 * process alone: however it dies, the shell reads the end of the file, ends the server and removes the folder.
 */
const keeperScript = `
trap '' INT HUP TERM
folder=$1; shift
pid=
while read -r word; do
  case $word in
    start) "$@" </dev/null 2>&1 & pid=$!; echo "keeper: pid $pid" ;;
    INT|QUIT) kill -$word $pid; wait $pid; echo "keeper: ended"; pid= ;;
  esac
done
exec >/dev/null 2>&1
if [ -n "$pid" ]; then kill -QUIT $pid; kill -CONT $pid; wait $pid; fi
rm -rf "$folder"
`;

type Shell = ChildProcessByStdio<Writable, Readable, null>;

function createKeeper(files: PostgresFiles, settings: readonly string[], port: number) {
  const shell: Shell = spawn(
    'sh',
    ['-c', keeperScript, 'sh', files.folder, files.binary, ...serverFlags(files, settings, port)],
    {
      ...files.account,
      cwd: '/',
      env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C' },
      detached: true,
      stdio: ['pipe', 'pipe', 'inherit'],
    },
  );
  const exited = once(shell, 'exit');
  const hold = letGo([shell, shell.stdin as unknown as Socket, shell.stdout as unknown as Socket]);
  let log = '';
  let pid = 0;
  shell.stdout.setEncoding('utf8').on('data', (text: string) => {
    log += text;
  });
  const command = (word: string, answer: RegExp) =>
    hold(async () => {
      const from = log.length;
      shell.stdin.write(`${word}\n`);
      return waitForText(shell, () => log.slice(from), answer);
    });
  return {
    pid: () => pid,
    log: () => log,
    async start() {
      const started = await command(
        'start',
        /keeper: pid (\d+)[\s\S]*(ready to accept (?:read-only )?connections|could not create any)/,
      );
      pid = Number(started[1]);
      if (started[2] === 'could not create any') throw new Error(`Postgres did not start:\n${log}`);
    },
    async end(signal: 'INT' | 'QUIT') {
      await command(signal, /keeper: ended/);
      pid = 0;
    },
    close: () =>
      hold(async () => {
        shell.stdin.end();
        await exited;
      }),
  };
}

const usualSettings = [
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
  'max_connections=200',
  'fsync=off',
  'full_page_writes=off',
  'synchronous_commit=on',
  'dynamic_shared_memory_type=mmap',
];

function serverFlags(files: PostgresFiles, settings: readonly string[], port: number): string[] {
  return ['-D', files.dataFolder, '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])];
}

function waitForText(shell: Shell, text: () => string, pattern: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    const done = (settle: () => void) => {
      shell.stdout.off('data', look);
      shell.off('exit', gone);
      settle();
    };
    const look = () => {
      const found = pattern.exec(text());
      if (found !== null) done(() => resolve(found));
    };
    const gone = () => done(() => reject(new Error(`Postgres is gone:\n${text()}`)));
    shell.stdout.on('data', look);
    shell.on('exit', gone);
  });
}

function signalAll(signal: 'SIGSTOP' | 'SIGCONT', postmaster: number): void {
  if (postmaster === 0) return;
  for (const pid of [postmaster, ...childrenOf(postmaster)]) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && parentOf(name) === parent)
    .map(Number);
}

function parentOf(pid: string): number {
  try {
    return Number(
      readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /, '')
        .split(' ')[1],
    );
  } catch {
    return 0;
  }
}
