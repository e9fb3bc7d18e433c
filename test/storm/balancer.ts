import { connect, createServer, type Server, type Socket } from 'node:net';

/** A TCP balancer: every origin leads to all nodes in turn, and past a node that does not answer. */
export interface Balancer {
  /** One for each browser, because tabs of one origin share channels and storage. */
  readonly urls: readonly string[];
  /** Ports of 127.0.0.1; open connections stay where they are. */
  setNodes(ports: readonly number[]): void;
  /** URL of one of the nodes, in turn. */
  nextNode(): string;
  close(): Promise<void>;
}

/**
 * @example
 * const balancer = await startBalancer({ origins: 50 });
 * balancer.setNodes([one.port, two.port]);
 */
export async function startBalancer({ origins }: { origins: number }): Promise<Balancer> {
  let nodes: readonly number[] = [];
  let turn = 0;
  const open = new Set<Socket>();
  const nextPort = () => nodes[turn++ % nodes.length] as number;
  const route = (client: Socket): void => {
    open.add(client.setNoDelay(true).once('close', () => open.delete(client)));
    client.on('error', () => client.destroy());
    reach(client, nextPort, nodes.length);
  };
  const servers = await Promise.all(Array.from({ length: origins }, () => listen(createServer(route))));
  return Object.freeze<Balancer>({
    urls: servers.map(urlOf),
    setNodes(ports) {
      nodes = ports;
    },
    nextNode: () => `http://127.0.0.1:${nextPort()}`,
    async close() {
      for (const socket of open) socket.destroy();
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
    },
  });
}

function listen(server: Server): Promise<Server> {
  server.unref();
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

function urlOf(server: Server): string {
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
}

/** Joins the client to the next node that takes it; nothing was read from it before. */
function reach(client: Socket, nextPort: () => number, tries: number): void {
  if (tries === 0 || client.destroyed) return void client.destroy();
  const upstream = connect(nextPort(), '127.0.0.1').setNoDelay(true);
  let isJoined = false;
  upstream.once('connect', () => {
    isJoined = true;
    client.pipe(upstream).pipe(client);
  });
  upstream.on('error', () => upstream.destroy());
  upstream.once('close', () => (isJoined ? client.destroy() : reach(client, nextPort, tries - 1)));
  client.once('close', () => upstream.destroy());
}
