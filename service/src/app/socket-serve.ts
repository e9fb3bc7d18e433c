import type { Server as HttpServer } from 'node:http';
import { assertHttpServer } from '@latchkey/sdk-server';
import { type HostedSocketOptions, hostedSocketOptions, hostSockets, type Infra, infraOf } from './hosted-sockets.ts';
import { readServeOptions } from './serve-options.ts';

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
export function socketServe(httpServer: HttpServer, options: HostedSocketOptions = {}): Infra {
  assertHttpServer('socketServe', httpServer);
  const settings = readServeOptions('socketServe', options, hostedSocketOptions);
  const hosted = hostSockets(httpServer, settings, options);
  hosted.hosting.start();
  return infraOf(hosted, settings, false);
}
