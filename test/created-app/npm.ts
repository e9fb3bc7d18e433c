import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { waitFor } from '../../test-kit/wait-for.ts';

/** A program that npm started, with all the processes below it. */
export interface NpmProgram {
  /** All it has written to standard output and standard error. */
  log(): string;
  /** Resolves when an address answers with this status. Rejects with the log when it does not, or when the program ended. */
  answers(url: string, status: number, timeoutMs: number): Promise<void>;
  /** Resolves when the program and all processes below it have ended. Rejects with the log when some still run. */
  ended(timeoutMs: number): Promise<void>;
  /** Sends SIGINT to all processes, as Ctrl-C does. Resolves when the program has ended. */
  stop(): Promise<void>;
}

/** Without the variables that the npm around the tests has set: they name another package. */
function cleanEnv(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  const inherited = Object.entries(process.env).filter(([name]) => !/^npm_|^INIT_CWD$|^LATCHKEY_|^PORT$/i.test(name));
  return { ...(Object.fromEntries(inherited) as Record<string, string>), ...more };
}

/** Runs a program to its end. Returns what it wrote; rejects with it when it fails. */
export async function run(cwd: string, command: string, ...args: readonly string[]): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(command, args, { cwd, env: cleanEnv(), maxBuffer: 2 ** 26 });
  return stdout + stderr;
}

/** Starts a program of npm, such as `npm run dev`, in a process group of its own. */
export function start(
  cwd: string,
  [command, ...args]: readonly [string, ...string[]],
  env: Readonly<Record<string, string>>,
): NpmProgram {
  const child = spawn(command, args, { cwd, env: cleanEnv(env), detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const pipe of [child.stdout, child.stderr])
    pipe.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
  let isOver = false;
  const end = once(child, 'close').then(() => {
    isOver = true;
  });
  const kill = (signal: NodeJS.Signals) => {
    if (isRunning(child.pid!)) process.kill(-child.pid!, signal);
  };
  process.once('exit', () => kill('SIGKILL'));
  return Object.freeze<NpmProgram>({
    log: () => text,
    async answers(url, status, timeoutMs) {
      await waitFor(
        async () => isOver || (await statusOf(url)) === status,
        timeoutMs,
        () => text,
      );
      if (isOver) throw new Error(`ended:\n${text}`);
    },
    async ended(timeoutMs) {
      await waitFor(
        () => isOver && !isRunning(child.pid!),
        timeoutMs,
        () => text,
      );
    },
    async stop() {
      kill('SIGINT');
      const late = setTimeout(() => kill('SIGKILL'), 10_000);
      return end.finally(() => clearTimeout(late));
    },
  });
}

/** True while the process group has a process. */
function isRunning(group: number): boolean {
  try {
    return process.kill(-group, 0);
  } catch {
    return false;
  }
}

async function statusOf(url: string): Promise<number> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) }).catch(() => undefined);
  await answer?.arrayBuffer().catch(() => undefined);
  return answer?.status ?? 0;
}
