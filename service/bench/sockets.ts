import { setTimeout as sleep } from 'node:timers/promises';
import type { ComparisonPlan } from '../../bench/comparison.ts';
import type { SocketCredential } from '../../bench/open-socket.ts';
import type { SocketClientCalls } from '../../bench/socket-client.ts';
import type { WorkerProcess } from '../../bench/worker.ts';
import { bareTokens } from './bare-tokens.ts';
import { seedCredentials, startBareServer, startClient, startServiceHost } from './crowd.ts';
import { openRooms } from './rooms.ts';

const count = 2_000;
const concurrency = 200;

/**
 * Connect, `authenticate`, rotation on Postgres, `authenticated`, acknowledgement: so many sockets, 200 on their way at
 * once, each with a session of its own. The clients are one process, the service another, Postgres a third.
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
  // V8 goes on compiling for some thousand sockets; the service has more code than its floor.
  warmUps: 5,
  async open() {
    const rooms = await openRooms();
    const [client, service, bare] = await Promise.all([startClient(), startServiceHost(), startBareServer()]);
    await service.call('start', rooms.env);
    return {
      row: async () => [await rateOf(client, Number(rooms.env.PORT), await seedCredentials(rooms, count))],
      floor: async () => [await rateOf(client, bare.port, bareTokens(bare.secret, count))],
      async close() {
        await Promise.all([client.stop(), service.stop(), bare.child.stop()]);
        await rooms.close();
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
  // Late writes and closed sockets of this side are not to fall into the other side's time.
  await sleep(700);
  return credentials.length / (ms / 1_000);
}
