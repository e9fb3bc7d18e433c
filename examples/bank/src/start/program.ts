import { fork } from 'node:child_process';
import { once } from 'node:events';

/** Exit code of a program, or the signal that ended it. */
type ExitStatus = number | NodeJS.Signals;

/** A program that `together.ts` started. */
export interface Program {
  readonly name: string;
  readonly ended: Promise<ExitStatus>;
  /** True if the program itself listens on this TCP port: another one may have taken it. */
  hasPort(port: number): boolean;
  /** Sends SIGTERM once. Resolves when the program has ended. */
  stop(): Promise<ExitStatus>;
}

/** Extension of the programs beside this file: `.ts` in the sources, `.js` in the build. */
export const extension = import.meta.url.slice(import.meta.url.lastIndexOf('.'));

/**
 * Starts a program of Node with this terminal's output. It has a process group of its own, so that a Ctrl-C reaches
 * `together.ts` alone, which then ends one after the other.
 */
export function startProgram(name: string, program: URL, env: Readonly<Record<string, string>>): Program {
  const followParent = new URL(`./follow-parent${extension}`, import.meta.url).href;
  const execArgv = [...process.execArgv, '--import', followParent];
  const started = fork(program, { env, execArgv, detached: true, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const ended = once(started, 'exit').then(([code, signal]) => (code ?? signal) as ExitStatus);
  const ports = new Set<number>();
  started.on('message', ({ port }: { port: number }) => ports.add(port)); // from follow-parent.ts
  let isStopping = false;
  return Object.freeze<Program>({
    name,
    ended,
    hasPort: (port) => ports.has(port),
    stop() {
      if (!isStopping) started.kill('SIGTERM');
      isStopping = true;
      return ended;
    },
  });
}
