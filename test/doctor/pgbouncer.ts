import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../test-kit/free-port.ts';
import { waitFor } from '../../test-kit/wait-for.ts';

/** Where Debian installs it. */
const program = '/usr/sbin/pgbouncer';

export const hasPgBouncer = existsSync(program);

interface PgBouncer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Starts PgBouncer in front of the database of a URL.
 *
 * @param settings lines of its configuration, such as `pool_mode = transaction`
 */
export async function startPgBouncer(databaseUrl: string, settings: readonly string[]): Promise<PgBouncer> {
  const target = new URL(databaseUrl);
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-pgbouncer-'));
  const file = join(folder, 'pgbouncer.ini');
  const name = target.pathname.slice(1);
  const server = `host=127.0.0.1 port=${target.port} user=${target.username} password=${target.password}`;
  const lines = [
    ...['[databases]', `${name} = ${server} dbname=${name}`],
    ...['[pgbouncer]', 'listen_addr = 127.0.0.1', `listen_port = ${port}`, 'auth_type = any', 'unix_socket_dir ='],
    ...settings,
  ];
  writeFileSync(file, lines.join('\n'));
  chmodSync(folder, 0o755);
  // It refuses to run as root.
  const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
  const child = spawn(program, [...user, '-q', file], { stdio: 'ignore' });
  await waitFor(() => isOpen(port));
  return {
    url: `postgres://${target.username}:any@127.0.0.1:${port}/${name}`,
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
