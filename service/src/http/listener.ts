import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createActivities } from '@latchkey/core/internal';
import { ConfigError } from '../config/env.ts';

/**
 * The HTTP server as a component: listens at the start; at the stop it takes no new connection, lets requests under way be
 * answered, and then closes whatever is still open, for a silent connection would hold the process for ever.
 *
 * `start` rejects with a ConfigError that names PORT or LATCHKEY_HOST if the address cannot be listened on.
 */
export function createHttpListener(http: Server, { port, host }: { port: number; host: string }) {
  const requests = createActivities();
  http.on('request', ({ method = '' }: IncomingMessage, response: ServerResponse) => {
    response.once('close', requests.start(method));
  });

  return {
    name: 'http',
    async start(): Promise<void> {
      http.listen(port, host);
      await once(http, 'listening').catch((error: unknown) => {
        throw toListenError(error, port, host);
      });
    },
    async stop(): Promise<void> {
      const closed = once(http, 'close');
      http.close();
      await requests.whenIdle();
      http.closeAllConnections();
      await closed;
    },
  };
}

const listenErrors: Readonly<Record<string, (port: number, host: string) => string>> = {
  EADDRINUSE: (port, host) =>
    `PORT: ${port} on ${host} is taken by another process. Set another PORT, or end that process.`,
  EACCES: (port) => `PORT: this user may not listen on ${port}. Set a PORT of 1024 or more.`,
  EADDRNOTAVAIL: (_port, host) => `LATCHKEY_HOST: ${host} is no address of this machine.`,
  ENOTFOUND: (_port, host) => `LATCHKEY_HOST: the host name ${host} is not known.`,
};

function toListenError(error: unknown, port: number, host: string): unknown {
  const describe = listenErrors[(error as NodeJS.ErrnoException).code ?? ''];
  return describe === undefined ? error : new ConfigError(describe(port, host), { cause: error });
}
