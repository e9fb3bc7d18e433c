import type { ComparisonPlan, Sample } from '../../bench/comparison.ts';
import { type CpuTime, measureCpu } from '../../bench/cpu.ts';
import { percentile } from '../../bench/statistics.ts';
import { startWorker } from '../../bench/worker.ts';
import { settle } from '../../service/bench/bench-domain.ts';
import { freePort } from '../../test-kit/free-port.ts';
import { type BackendCredential, openService, seedTokens } from './backend.ts';
import type { ExampleHostCalls } from './example-host.ts';
import type { NotifyHostCalls } from './notify-host.ts';
import type { RevocationClientCalls } from './revocation-client.ts';

const perSecond = 500;
const count = 3 * perSecond;
const floor = 'INSERT, NOTIFY, two LISTEN';

/**
 * From `DELETE /sessions/:id` until both apps of `examples/guard` refuse the unexpired token, 500 sessions a second.
 * Service, Postgres, each app and the client are processes of their own.
 */
export const revocations: ComparisonPlan = {
  name: 'revocations',
  metrics: [
    { name: 'ended session refused by two apps, p99', unit: 'ms', better: 'less', bound: 100, floor },
    { name: 'ended session refused by two apps, median', unit: 'ms', better: 'less', floor },
  ],
  warmUps: 2,
  async open() {
    const { domain, credential, cpuTime, close } = await openService();
    const [client, notifier, express, koa] = await Promise.all([
      startWorker<RevocationClientCalls>(new URL('./revocation-client.ts', import.meta.url)),
      startWorker<NotifyHostCalls>(new URL('./notify-host.ts', import.meta.url)),
      startExample('express.js', credential),
      startExample('koa.js', credential),
    ]);
    await notifier.call('open', domain.env.DATABASE_URL!);
    const appUrls = [express.url, koa.url];
    return {
      async row() {
        const sessions = await seedTokens(domain, count);
        await settle(domain.database, 'sessions');
        const load = { serviceUrl: credential.url, appUrls, sessions, perSecond };
        return toSample(() => client.call('revoke', load), cpuTime);
      },
      floor: () => toSample(() => notifier.call('notify', { count, perSecond }), notifier.cpuTime),
      async close() {
        await Promise.all([client.stop(), notifier.stop(), express.stop(), koa.stop()]);
        await close();
      },
    };
  },
};

async function toSample(work: () => Promise<readonly number[]>, cpuTime: CpuTime): Promise<Sample> {
  const { result: latencies, cpuMicros } = await measureCpu(work, cpuTime);
  return [0.99, 0.5].map((fraction) => ({
    value: percentile(latencies, fraction),
    cpuMicros: cpuMicros / latencies.length,
  }));
}

async function startExample(file: string, { url, backendId, backendSecret }: BackendCredential) {
  const worker = await startWorker<ExampleHostCalls>(new URL('./example-host.ts', import.meta.url));
  const port = String(await freePort());
  const env = { LATCHKEY_URL: url, BACKEND_ID: backendId, BACKEND_SECRET: backendSecret, PORT: port };
  await worker.call('start', { file, env });
  return { url: `http://127.0.0.1:${port}/`, stop: worker.stop };
}
