import { once } from 'node:events';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createActivities } from '@latchkey/core/internal';
import { ConfigError } from '../config/env.ts';

interface Address {
  readonly port: number;
  readonly host: string;
}

/** A component, and what its settings are called. */
interface ListenerNames {
  readonly name: string;
  readonly port: string;
  readonly host: string;
}

const publicListener: ListenerNames = { name: 'http', port: 'PORT', host: 'LATCHKEY_HOST' };

/**
 * The HTTP server as a component: listens at the start; at the stop it takes no new connection, lets requests under way be
 * answered, and then closes whatever is still open, for a silent connection would hold the process for ever.
 *
 * `start` rejects with a ConfigError that names the setting if the address cannot be listened on.
 */
export function createHttpListener(http: Server, { port, host }: Address, names = publicListener) {
  const requests = createActivities();
  http.on('request', ({ method = '' }: IncomingMessage, response: ServerResponse) => {
    response.once('close', requests.start(method));
  });

  return {
    name: names.name,
    async start(): Promise<void> {
      http.listen(port, host);
      await once(http, 'listening').catch((error: unknown) => {
        throw toListenError(error, { port, host }, names);
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

const listenErrors: Readonly<Record<string, (at: Address, names: ListenerNames) => string>> = {
  EADDRINUSE: ({ port, host }, names) =>
    `${names.port}: ${port} on ${host} is taken by another process. Set another ${names.port}, or end that process.`,
  EACCES: ({ port }, names) =>
    `${names.port}: this user may not listen on ${port}. Set a ${names.port} of 1024 or more.`,
  EADDRNOTAVAIL: ({ host }, names) => `${names.host}: ${host} is no address of this machine.`,
  ENOTFOUND: ({ host }, names) => `${names.host}: the host name ${host} is not known.`,
};

function toListenError(error: unknown, address: Address, names: ListenerNames): unknown {
  const describe = listenErrors[(error as NodeJS.ErrnoException).code ?? ''];
  return describe === undefined ? error : new ConfigError(describe(address, names), { cause: error });
}
