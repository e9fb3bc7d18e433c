import type { Server as HttpServer } from 'node:http';
import { assertHttpServer } from '@latchkey/core/internal';
import { readEmbedOptions } from './embed-options.ts';
import {
  type Infra,
  type MountedSocketOptions,
  mountedSocketOptionKinds,
  mountSockets,
  toInfra,
} from './mounted-sockets.ts';

/**
 * The service's sockets inside the host's process, without its HTTP API: a node of its own on the same database. Users sign in at
 * another node, at the same `databaseUrl` and `secret`. Call it before the server listens. With the API use `infraServe`; the two
 * calls `apiServe` and `socketServe` would be two nodes.
 *
 * `latchkey.apiRouter(io, name)` adds typed calls.
 *
 * @throws TypeError the server is no HTTP server; an option is unknown or makes no sense
 * @example
 * const server = createServer(app);
 * const { io, latchkey, ready } = socketServe(server, { databaseUrl, secret, publicUrl: 'https://id.example', allowedOrigins });
 * latchkey.apiRouter(io, 'api').on('whoami', (_params, call) => call.user);
 * server.listen(3000);
 * await ready();
 */
export function socketServe(httpServer: HttpServer, options: MountedSocketOptions = {}): Infra {
  assertHttpServer('socketServe', httpServer);
  const settings = readEmbedOptions('socketServe', options, mountedSocketOptionKinds);
  const hosted = mountSockets(httpServer, settings, options);
  hosted.inProcessNode.start();
  return toInfra(hosted, settings, false);
}
