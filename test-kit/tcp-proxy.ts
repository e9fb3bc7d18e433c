import { connect, createServer, type Server, type Socket } from 'node:net';
import { freePort } from './free-port.ts';

/**
 * - `pass`: everything goes through.
 * - `delay`: everything goes through, `delayMs` later.
 * - `slow`: everything goes through; what the server says takes its time on a line of `bytesPerSecond`.
 * - `black_hole`: both sides stay connected and their bytes are acknowledged, but nothing is delivered.
 * - `swallow_reply`: the client's bytes go through; the server's next bytes are lost and the connection is cut.
 */
type ProxyMode = 'pass' | 'delay' | 'slow' | 'black_hole' | 'swallow_reply';

/** One connection through the proxy. */
interface ProxiedConnection {
  mode(): ProxyMode;
  /** From now on, for this connection. What is on its way in `delay` still arrives. */
  setMode(mode: ProxyMode): void;
  /** Both sides see a reset. */
  cut(): void;
  readonly open: boolean;
}

export interface TcpProxy {
  readonly port: number;
  /** From now on connections lead to this port of the same host; open ones are cut. */
  redirect(port: number): void;
  /** The URL of what stands behind, with this proxy's address in its place. */
  urlFor(url: string): string;
  /** Oldest first; only those that are open. */
  connections(): readonly ProxiedConnection[];
  /** For every open connection and all that come. */
  setMode(mode: ProxyMode, options?: { delayMs?: number; bytesPerSecond?: number }): void;
  /** Cuts every open connection. */
  cutAll(): void;
  /** True: connections are refused until it is false again. */
  refuse(refusing: boolean): void;
  /** How many replies `swallow_reply` has taken. */
  swallowed(): number;
  close(): Promise<void>;
}

interface Faults {
  mode: ProxyMode;
  delayMs: number;
  bytesPerSecond: number;
  refusing: boolean;
  swallowed: number;
}

/**
 * Stands between a client and a server on 127.0.0.1 and breaks the line in chosen ways.
 *
 * @example
 * const proxy = await startTcpProxy({ port: postgres.port });
 * const url = proxy.urlFor(postgres.url);
 * proxy.setMode('black_hole');
 */
export async function startTcpProxy(target: { port: number; host?: string }): Promise<TcpProxy> {
  let { port: behind } = target;
  const faults: Faults = { mode: 'pass', delayMs: 100, bytesPerSecond: 1_000_000, refusing: false, swallowed: 0 };
  const open = new Set<ProxiedConnection>();
  const server = createServer((client) => {
    if (faults.refusing) return void client.resetAndDestroy();
    const connection = join(client, connect(behind, target.host ?? '127.0.0.1'), faults, () => open.delete(connection));
    open.add(connection);
  });
  const port = await listen(server);
  server.unref();
  const cutAll = () => {
    for (const connection of [...open]) connection.cut();
  };
  return Object.freeze<TcpProxy>({
    port,
    urlFor: (url) => url.replace(`127.0.0.1:${target.port}`, `127.0.0.1:${port}`),
    redirect(next) {
      behind = next;
      cutAll();
    },
    connections: () => [...open],
    setMode(mode, options = {}) {
      faults.mode = mode;
      faults.delayMs = options.delayMs ?? faults.delayMs;
      faults.bytesPerSecond = options.bytesPerSecond ?? faults.bytesPerSecond;
      for (const connection of open) connection.setMode(mode);
    },
    cutAll,
    refuse(refusing) {
      faults.refusing = refusing;
    },
    swallowed: () => faults.swallowed,
    close() {
      cutAll();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  });
}

async function listen(server: Server): Promise<number> {
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return port;
}

function join(client: Socket, upstream: Socket, faults: Faults, gone: () => void): ProxiedConnection {
  let mode = faults.mode;
  const cut = () => {
    client.resetAndDestroy();
    upstream.resetAndDestroy();
  };
  const end = (other: Socket) => () => {
    gone();
    if (mode === 'black_hole') return;
    if (mode === 'delay') setTimeout(() => other.destroy(), faults.delayMs).unref();
    else other.destroy();
  };
  const deliver = (to: Socket, chunk: Buffer) => {
    if (mode === 'black_hole') return;
    if (mode === 'delay') setTimeout(() => to.writable && to.write(chunk), faults.delayMs).unref();
    else to.write(chunk);
  };
  /** One chunk at a time; the rest waits with the server, as on a slow line. */
  const deliverSlowly = (chunk: Buffer) => {
    upstream.pause();
    const takesMs = (chunk.length / faults.bytesPerSecond) * 1_000;
    setTimeout(() => {
      if (client.writable) client.write(chunk);
      upstream.resume();
    }, takesMs).unref();
  };
  client.on('data', (chunk: Buffer) => deliver(upstream, chunk));
  upstream.on('data', (chunk: Buffer) => {
    if (mode === 'slow') return deliverSlowly(chunk);
    if (mode !== 'swallow_reply') return deliver(client, chunk);
    faults.swallowed += 1;
    cut();
  });
  for (const [one, other] of [[client, upstream] as const, [upstream, client] as const]) {
    one.setNoDelay(true).on('close', end(other));
    one.on('error', () => one.destroy());
  }
  return {
    mode: () => mode,
    setMode: (next) => {
      mode = next;
    },
    cut: () => {
      cut();
      gone();
    },
    get open() {
      return !client.destroyed;
    },
  };
}
