import type { ComparisonPlan } from '../../bench/comparison.ts';
import { type CpuTime, measureRate } from '../../bench/cpu.ts';
import { startWorker } from '../../bench/worker.ts';
import { seedCredentials } from '../../service/bench/seed.ts';
import type { ApiClientCalls } from './api-client.ts';
import type { ApiHostCalls } from './api-host.ts';
import { openService } from './backend.ts';
import type { PlainApiHostCalls } from './plain-api-host.ts';

const count = 50;
const callsAtOnce = 4;
const ms = 2_000;

/** Calls through `apiRouter` on authenticated sockets, with input validated by zod. Server and clients are separate processes. */
export const apiCalls: ComparisonPlan = {
  name: 'api-calls',
  metrics: [{ name: 'api calls', unit: '/s', better: 'more', floor: 'Socket.IO acknowledgement' }],
  warmUps: 1,
  async open() {
    const { domain, credential, close } = await openService();
    const [client, host, plain] = await Promise.all([
      startWorker<ApiClientCalls>(new URL('./api-client.ts', import.meta.url)),
      startWorker<ApiHostCalls>(new URL('./api-host.ts', import.meta.url)),
      startWorker<PlainApiHostCalls>(new URL('./plain-api-host.ts', import.meta.url)),
    ]);
    const credentials = await seedCredentials(domain, count);
    await client.call('open', { name: 'row', port: await host.call('listen', credential), credentials });
    const anonymous = credentials.map(() => null);
    await client.call('open', { name: 'floor', port: await plain.call('listen', undefined), credentials: anonymous });
    const rateOf = (name: string, cpuTime: CpuTime) =>
      measureRate(() => client.call('call', { name, callsAtOnce, ms }), cpuTime);
    return {
      row: async () => [await rateOf('row', host.cpuTime)],
      floor: async () => [await rateOf('floor', plain.cpuTime)],
      async close() {
        await Promise.all([client.stop(), host.stop(), plain.stop()]);
        await close();
      },
    };
  },
};
