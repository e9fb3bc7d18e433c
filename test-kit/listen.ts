import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';

/**
 * Listens on a free port of the loopback interface. Resolves with the URL.
 *
 * @throws Error when the server cannot listen.
 *
 * @example
 * const url = await listen(createServer(handler));
 */
export async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${portOf(server)}`;
}

/** Port of a server that listens. */
export const portOf = (server: Server): number => (server.address() as AddressInfo).port;
