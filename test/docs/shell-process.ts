import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { waitFor } from '../../test-kit/wait-for.ts';

/** A command of a page that runs until it is stopped. */
export interface ShellProcess {
  /** Waits until the command has printed a text. @throws Error after a minute, or when it ended before */
  prints(text: string): Promise<void>;
  /** Sends SIGINT, as Ctrl-C does, to the command and the programs that it started. */
  stop(): Promise<void>;
}

/** Starts a command in a folder, as a terminal of its own would. */
export function startShell(command: string, cwd: string): ShellProcess {
  // A preview of Vite in this process sets it.
  const env = { ...process.env, NODE_ENV: undefined };
  const child = spawn('bash', ['-c', command], { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  const ended = once(child, 'close');
  let isEnded = false;
  void ended.then(() => {
    isEnded = true;
  });
  return {
    async prints(text) {
      await waitFor(
        () => isEnded || output.includes(text),
        60_000,
        () => output,
      );
      if (!output.includes(text)) throw new Error(`"${command}" ended and printed ${output}`);
    },
    async stop() {
      if (!isEnded) process.kill(-child.pid!, 'SIGINT');
      await ended;
    },
  };
}
