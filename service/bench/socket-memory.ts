import { setTimeout as sleep } from 'node:timers/promises';
import type { ComparisonPlan, Sample } from '../../bench/comparison.ts';
import type { Memory } from '../../bench/memory.ts';
import type { SocketCredential } from '../../bench/open-socket.ts';
import type { SocketClientCalls } from '../../bench/socket-client.ts';
import type { WorkerProcess } from '../../bench/worker.ts';
import { openBenchDomain } from './bench-domain.ts';
import { signPlainTokens } from './plain-tokens.ts';
import { seedCredentials } from './seed.ts';
import { startClient, startServiceHost, startSocketIoHost } from './workers.ts';

const count = 3_000;
/** Sockets that are opened and closed before the first measurement, so that code and pools are not counted. */
const warmUp = 500;

interface Host {
  readonly port: number;
  readonly credentials: readonly SocketCredential[];
  memory(): Promise<Memory>;
}

/** Memory of an idle authenticated socket in its server, measured in a new process each time. */
export const socketMemory: ComparisonPlan = {
  name: 'memory',
  metrics: [
    { name: 'RSS of an idle authenticated socket', unit: 'KB', better: 'less', target: 1.15, floor: 'Socket.IO' },
    { name: 'heap of an idle authenticated socket', unit: 'KB', better: 'less', target: 1.15, floor: 'Socket.IO' },
  ],
  warmUps: 0,
  async open() {
    const domain = await openBenchDomain();
    const client = await startClient();
    return {
      async row() {
        const service = await startServiceHost();
        await service.call('start', domain.env);
        const credentials = await seedCredentials(domain, warmUp + count);
        const memory = () => service.call('memory', undefined);
        return measure(client, { port: Number(domain.env.PORT), credentials, memory }).finally(service.stop);
      },
      async floor() {
        const { worker, port, secret } = await startSocketIoHost();
        const memory = () => worker.call('memory', undefined);
        return measure(client, { port, credentials: signPlainTokens(secret, warmUp + count), memory }).finally(
          worker.stop,
        );
      },
      async close() {
        await client.stop();
        await domain.close();
      },
    };
  },
};

async function measure(client: WorkerProcess<SocketClientCalls>, { port, credentials, memory }: Host): Promise<Sample> {
  await client.call('connect', { port, credentials: credentials.slice(0, warmUp), concurrency: 50 });
  await client.call('closeAll', undefined);
  await sleep(500);
  const before = await memory();
  await client.call('connect', { port, credentials: credentials.slice(warmUp), concurrency: 50 });
  await sleep(500);
  const after = await memory();
  await client.call('closeAll', undefined);
  return [after.rss - before.rss, after.heap - before.heap].map((bytes) => ({ value: bytes / count / 1_024 }));
}
