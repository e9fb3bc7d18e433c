import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { waitFor } from '../wait-for.ts';

/** Where Debian installs it. */
const program = '/usr/sbin/pgbouncer';

export const hasPgBouncer = existsSync(program);

interface PgBouncer {
  readonly port: number;
  close(): Promise<void>;
}

/**
 * Starts PgBouncer on a free port of 127.0.0.1.
 *
 * @param toConfiguration makes its file; `write` puts another file beside it, and returns the path
 */
export async function startPgBouncer(
  toConfiguration: (place: { readonly port: number; write(name: string, text: string): string }) => string,
): Promise<PgBouncer> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-pgbouncer-'));
  const write = (name: string, text: string) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const file = write('pgbouncer.ini', toConfiguration({ port, write }));
  chmodSync(folder, 0o755);
  // It refuses to run as root.
  const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
  const child = spawn(program, [...user, '-q', file], { stdio: 'ignore' });
  await waitFor(() => isOpen(port));
  return {
    port,
    async close() {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
