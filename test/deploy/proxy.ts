import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../test-kit/free-port.ts';
import { waitFor } from '../../test-kit/wait-for.ts';

/** A proxy server that runs with a file of `deploy/`, with the ports of the test in place of its own. */
export interface RunningProxy {
  readonly url: string;
  stop(): Promise<void>;
}

interface ProxyProgram {
  /** Without the ports of the test this is what an operator copies. */
  readonly file: string;
  /** How the program runs in a folder with the file. */
  readonly command: (folder: string, text: string, ports: Ports) => readonly string[];
  readonly env?: (folder: string, ports: Ports) => NodeJS.ProcessEnv;
}

interface Ports {
  readonly own: number;
  readonly nodes: readonly [number, number];
  /** A free one. */
  readonly more: number;
}

const withNodes = (text: string, { nodes: [one, two] }: Ports) =>
  text.replace('second-node:4000', `127.0.0.1:${two}`).replace('service:4000', `127.0.0.1:${one}`);

function write(folder: string, name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const programs = {
  nginx: {
    file: 'deploy/nginx/latchkey.conf',
    command(folder, text, ports) {
      write(folder, 'latchkey.conf', withNodes(text, ports).replace('listen 80;', `listen 127.0.0.1:${ports.own};`));
      const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
      const temporary = kinds.map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(' ');
      const main = `pid ${folder}/pid; error_log stderr warn; events {} http { access_log off; ${temporary} include ${folder}/latchkey.conf; }`;
      return ['-p', folder, '-c', write(folder, 'nginx.conf', main), '-g', 'daemon off;'];
    },
  },
  caddy: {
    file: 'deploy/caddy/Caddyfile',
    command: (folder, text) => ['run', '--adapter', 'caddyfile', '--config', write(folder, 'Caddyfile', text)],
    env: (folder, { own, nodes, more }) => ({
      HOME: folder,
      CADDY_ADMIN: `127.0.0.1:${more}`,
      LATCHKEY_SITE: `http://:${own}`,
      LATCHKEY_NODES: nodes.map((port) => `127.0.0.1:${port}`).join(' '),
    }),
  },
  haproxy: {
    file: 'deploy/haproxy/haproxy.cfg',
    command(folder, text, ports) {
      const own = withNodes(text, ports).replace('bind :80', `bind 127.0.0.1:${ports.own}`);
      return ['-db', '-f', write(folder, 'haproxy.cfg', own)];
    },
  },
} as const satisfies Record<string, ProxyProgram>;

type ProxyName = keyof typeof programs;
export const proxyNames = Object.keys(programs) as ProxyName[];

/** Whether this machine has the program. */
export function isInstalled(name: string): boolean {
  return spawnSync(name, ['-v']).error === undefined;
}

/** Starts a proxy before two nodes. Ends it, and rejects with what it wrote, when it does not answer. */
export async function startProxy(name: ProxyName, nodes: Ports['nodes']): Promise<RunningProxy> {
  const program: ProxyProgram = programs[name];
  const folder = mkdtempSync(join(tmpdir(), `latchkey-${name}-`));
  const ports = { own: await freePort(), nodes, more: await freePort() };
  const args = program.command(folder, readFileSync(program.file, 'utf8'), ports);
  const env = { PATH: process.env.PATH, ...program.env?.(folder, ports) };
  const child = spawn(name, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (output += text.toString()));
  const url = `http://127.0.0.1:${ports.own}`;
  const stop = () => end(child, folder);
  try {
    await waitFor(
      () => answers(url),
      15_000,
      () => output,
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, stop };
}

const answers = (url: string) =>
  fetch(`${url}/health/ready`).then(
    ({ ok }) => ok,
    () => false,
  );

async function end(child: ChildProcess, folder: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGTERM');
    await Promise.race([once(child, 'exit'), new Promise((resolve) => setTimeout(resolve, 3_000))]);
    child.kill('SIGKILL');
  }
  rmSync(folder, { recursive: true, force: true });
}
