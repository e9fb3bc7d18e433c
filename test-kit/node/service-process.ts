import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { seedEmbeddedData } from '../database/embedded-data.ts';
import { freePort } from '../free-port.ts';
import { letGo } from '../held-handles.ts';

interface ServiceOptions {
  /** Wins over what the harness sets; nothing of the test's own environment is passed on. */
  readonly env?: Readonly<Record<string, string>>;
  /** After the program's name, such as `migrate`. */
  readonly args?: readonly string[];
  /** Another program than the service's own: `.ts` runs from the sources, `.js` as it was built. */
  readonly entry?: string;
  readonly port?: number;
  /** False: the embedded database is made by the service's own first start, which takes seconds. */
  readonly seeded?: boolean;
}

/** The service as a process of its own. */
export interface ServiceProcess {
  readonly url: string;
  readonly port: number;
  /** Where the embedded database lives when `LATCHKEY_DATA_DIR` was not given; removed with the process. */
  readonly dataFolder: string;
  /** Process id of the service itself, for SIGSTOP and SIGCONT. */
  readonly pid: number;
  /** All it has written to standard output and standard error. */
  log(): string;
  /** Closes the pipes of its output, as a reader such as `head` does. */
  closeOutput(): void;
  /** Resolves when `/health/ready` answers 200 (45 s at most); rejects with the log when the process ends before. */
  ready(timeoutMs?: number): Promise<void>;
  /** Resolves with the exit code; 128 + signal when a signal ended it (SIGKILL: 137). */
  exited(): Promise<number>;
  /** Sends a signal and returns at once. */
  kill(signal: NodeJS.Signals): void;
  /** SIGTERM, SIGKILL after 15 s; resolves with the exit code. */
  stop(): Promise<number>;
}

/**
 * Starts the built service on a free port of 127.0.0.1. However the test process ends, the service ends too.
 *
 * @example
 * const service = await startService({ env: { DATABASE_URL: url } });
 * await service.ready();
 */
export async function startService(options: ServiceOptions = {}): Promise<ServiceProcess> {
  const port = options.port ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-service-'));
  if (options.seeded !== false && options.entry === undefined && options.env?.DATABASE_URL === undefined) {
    await seedEmbeddedData(options.env?.LATCHKEY_DATA_DIR ?? join(folder, 'data'));
  }
  const child = spawnKept(folder, options, {
    PATH: process.env.PATH ?? '',
    HOME: folder,
    TZ: 'UTC',
    PORT: String(port),
    LATCHKEY_PUBLIC_URL: url,
    LATCHKEY_DATA_DIR: join(folder, 'data'),
    LOG_LEVEL: 'debug',
    ...options.env,
  });
  const hold = letGo([child, ...(child.stdio.filter((pipe) => pipe !== null) as Socket[])]);
  const log = collect(child);
  let isOver = false;
  const end = once(child, 'close').then(([code]) => {
    isOver = true;
    return code as number;
  });
  const exited = () => hold(() => end);
  const pid = await hold(() => readPid(child));
  const kill = (signal: NodeJS.Signals) => send(pid, signal);
  return Object.freeze<ServiceProcess>({
    url,
    port,
    dataFolder: join(folder, 'data'),
    pid,
    log,
    closeOutput() {
      child.stdout?.destroy();
      child.stderr?.destroy();
    },
    ready: (timeoutMs = 45_000) =>
      hold(async () => {
        if (await untilReady(url, timeoutMs, () => isOver)) return;
        throw new Error(isOver ? `ended with ${await end}:\n${log()}` : `not ready after ${timeoutMs} ms:\n${log()}`);
      }),
    exited,
    kill,
    async stop() {
      kill('SIGTERM');
      kill('SIGCONT');
      const late = setTimeout(() => kill('SIGKILL'), 15_000);
      return exited().finally(() => clearTimeout(late));
    },
  });
}

/**
 * Waits for the end of a pipe that only the test process holds, and then ends the service. It lets go of the output
 * first: a shell that reports "Killed" into a pipe that is no longer read dies before it has removed the folder.
 */
const keeperScript = `
folder=$1; shift
"$@" </dev/null 3>&- 4<&- & pid=$!
echo $pid >&3
exec >/dev/null 2>&1 3>&-
{ read -r never <&4; kill -KILL $pid; } & watcher=$!
wait $pid; code=$?
kill -KILL $watcher
rm -rf "$folder"
exit $code
`;

const root = fileURLToPath(new URL('../../', import.meta.url));
/** `build.ts` brings it up to date before the first test. */
const built = join(root, 'service/dist/main.js');

function spawnKept(folder: string, options: ServiceOptions, env: Record<string, string>): ChildProcess {
  const { entry = built } = options;
  const program = entry.endsWith('.js') ? [entry] : ['--import', 'tsx', '--conditions=@latchkey/source', entry];
  const command = [process.execPath, ...program, ...(options.args ?? [])];
  return spawn('sh', ['-c', keeperScript, 'sh', folder, ...command], {
    cwd: root,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
  });
}

function collect(child: ChildProcess): () => string {
  let text = '';
  for (const pipe of [child.stdout, child.stderr]) {
    pipe?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  }
  return () => text;
}

async function readPid(child: ChildProcess): Promise<number> {
  const [chunk] = (await once(child.stdio[3] as Socket, 'data')) as [Buffer];
  return Number(chunk.toString());
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function untilReady(url: string, timeoutMs: number, isOver: () => boolean): Promise<boolean> {
  const end = performance.now() + timeoutMs;
  while (performance.now() < end && !isOver()) {
    const answer = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
    await answer?.arrayBuffer().catch(() => undefined);
    if (answer?.status === 200) return true;
    await sleep(40);
  }
  return false;
}
