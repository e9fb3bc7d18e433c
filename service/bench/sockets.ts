import { setTimeout as sleep } from 'node:timers/promises';
import type { ComparisonPlan } from '../../bench/comparison.ts';
import type { SocketCredential } from '../../bench/open-socket.ts';
import type { SocketClientCalls } from '../../bench/socket-client.ts';
import type { WorkerProcess } from '../../bench/worker.ts';
import { openBenchDomain } from './bench-domain.ts';
import { signPlainTokens } from './plain-tokens.ts';
import { seedCredentials } from './seed.ts';
import { startClient, startServiceHost, startSocketIoHost } from './workers.ts';

const count = 2_000;
const concurrency = 200;

/**
 * Connect, `authenticate`, rotation on Postgres, `authenticated`, acknowledgement: `count` sockets, 200 concurrently, each with its own
 * session. Clients, service and Postgres are separate processes.
 */
export const sockets: ComparisonPlan = {
  name: 'sockets',
  metrics: [
    {
      name: 'sockets connected and authenticated',
      unit: '/s',
      better: 'more',
      target: 0.9,
      floor: 'Socket.IO, verify and sign',
    },
  ],
  // V8 compiles during some thousand sockets, and the service has more code than its floor.
  warmUps: 5,
  async open() {
    const domain = await openBenchDomain();
    const [client, service, socketIo] = await Promise.all([startClient(), startServiceHost(), startSocketIoHost()]);
    await service.call('start', domain.env);
    return {
      row: async () => [await rateOf(client, Number(domain.env.PORT), await seedCredentials(domain, count))],
      floor: async () => [await rateOf(client, socketIo.port, signPlainTokens(socketIo.secret, count))],
      async close() {
        await Promise.all([client.stop(), service.stop(), socketIo.worker.stop()]);
        await domain.close();
      },
    };
  },
};

async function rateOf(
  client: WorkerProcess<SocketClientCalls>,
  port: number,
  credentials: readonly SocketCredential[],
): Promise<number> {
  const ms = await client.call('connect', { port, credentials, concurrency });
  await client.call('closeAll', undefined);
  // Late writes and closing sockets must not run during the measurement of the other side.
  await sleep(700);
  return credentials.length / (ms / 1_000);
}
