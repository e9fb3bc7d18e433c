import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A command inside a container, seen from outside. */
export interface ContainerProcess {
  /** What it has written to standard output and standard error. */
  log(): string;
  exited: Promise<number>;
  /** Process id of node itself, on this machine; waits until it runs. */
  pid(): Promise<number>;
  /** Asks until `/health/ready` answers 200; rejects with the log when the process ends before. */
  ready(url: string): Promise<void>;
  /** Ends what is left of it. */
  kill(): void;
}

export function startProcess(command: string, args: readonly string[]): ContainerProcess {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const log = collect(child);
  let isOver = false;
  const exited = once(child, 'close').then(([code, signal]) => {
    isOver = true;
    return (code as number | null) ?? `killed by ${signal}`;
  }) as Promise<number>;
  const over = () => isOver;
  return Object.freeze<ContainerProcess>({
    log,
    exited,
    pid: () => until(() => nodeBelow(child.pid!), over, log),
    ready: (url) => until(() => answers(`${url}/health/ready`), over, log).then(() => undefined),
    kill() {
      if (isOver) return;
      for (const pid of [nodeBelow(child.pid!), child.pid]) if (pid !== undefined) end(pid);
    },
  });
}

/** One line of `/proc/<pid>/status`, such as `Uid`: real, effective, saved, file system. */
export function statusOf(pid: number, name: string): string[] {
  const line = readFileSync(`/proc/${pid}/status`, 'utf8')
    .split('\n')
    .find((text) => text.startsWith(`${name}:`));
  return line?.split(/\s+/).slice(1) ?? [];
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

async function until<T>(
  look: () => T | undefined | Promise<T | undefined>,
  isOver: () => boolean,
  log: () => string,
): Promise<T> {
  const end = performance.now() + 30_000;
  while (performance.now() < end && !isOver()) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(50);
  }
  throw new Error(`${isOver() ? 'it ended' : 'nothing in 30 s'}:\n${log()}`);
}

async function answers(url: string): Promise<true | undefined> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => undefined);
  await answer?.arrayBuffer().catch(() => undefined);
  return answer?.status === 200 ? true : undefined;
}

/** The first process named node at or below `ancestor`. */
function nodeBelow(ancestor: number): number | undefined {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => ({ pid: Number(name), ...nameAndParent(name) }));
  const descend = (pid: number): number | undefined => {
    for (const child of all.filter(({ parent }) => parent === pid)) {
      const found = child.name === 'node' ? child.pid : descend(child.pid);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return descend(ancestor);
}

function nameAndParent(pid: string): { name: string; parent: number } {
  try {
    const [, name, rest] = /\((.*)\) \S+ (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
    return { name: /^(node|MainThread)$/.test(name ?? '') ? 'node' : (name ?? ''), parent: Number(rest) };
  } catch {
    return { name: '', parent: 0 };
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
