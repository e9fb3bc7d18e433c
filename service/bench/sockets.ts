import { setTimeout as sleep } from 'node:timers/promises';
import type { ComparisonPlan } from '../../bench/comparison.ts';
import { type CpuTime, type Measurement, measureRate } from '../../bench/cpu.ts';
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
      async row() {
        const credentials = await seedCredentials(domain, count);
        return [await connect(client, service.cpuTime, { port: Number(domain.env.PORT), credentials })];
      },
      async floor() {
        const { worker, port, secret } = socketIo;
        return [await connect(client, worker.cpuTime, { port, credentials: signPlainTokens(secret, count) })];
      },
      async close() {
        await Promise.all([client.stop(), service.stop(), socketIo.worker.stop()]);
        await domain.close();
      },
    };
  },
};

async function connect(
  client: WorkerProcess<SocketClientCalls>,
  cpuTime: CpuTime,
  sockets: { readonly port: number; readonly credentials: readonly SocketCredential[] },
): Promise<Measurement> {
  const measurement = await measureRate(() => client.call('connect', { ...sockets, concurrency }), cpuTime);
  await client.call('closeAll', undefined);
  // Late writes and closing sockets must not run during the measurement of the other side.
  await sleep(700);
  return measurement;
}
