import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import type { ComparisonPlan } from '../../bench/comparison.ts';
import type { LoginClientCalls } from '../../bench/login-client.ts';
import { startWorker } from '../../bench/worker.ts';
import type { BareHasherCalls } from './bare-hasher.ts';
import { type BenchDomain, openBenchDomain } from './bench-domain.ts';
import { startServiceHost } from './crowd.ts';

const userCount = 16;
const concurrency = 8;
const ms = 3_000;
/** V8 compiles during some thousand logins. */
const warmUpMs = 30_000;

/**
 * `POST /login` over HTTP, with right passwords, default argon2id parameters and 8 concurrent requests. The service runs as
 * many hashes at once as there are cores, and so do the floors: one is the hash alone, the other the hash behind HTTP.
 */
export const logins: ComparisonPlan = {
  name: 'logins',
  metrics: [
    { name: 'logins over HTTP', unit: '/s', better: 'more', target: 0.95, floor: 'argon2id verify' },
    { name: 'logins over HTTP', unit: '/s', better: 'more', floor: 'argon2id verify behind node:http, no database' },
  ],
  warmUps: 1,
  async open() {
    const domain = await openBenchDomain();
    const [client, service, bare] = await Promise.all([
      startWorker<LoginClientCalls>(new URL('../../bench/login-client.ts', import.meta.url)),
      startServiceHost(),
      startWorker<BareHasherCalls>(new URL('./bare-hasher.ts', import.meta.url)),
    ]);
    await service.call('start', domain.env);
    const visitors = { url: domain.config.publicUrl, users: await registerUsers(domain), concurrency, ms };
    const { argon2MemoryInKib: memoryInKib, argon2Passes: passes } = domain.config;
    const parameters = { memoryInKib, passes, concurrency: availableParallelism() };
    const bareVisitors = { ...visitors, url: `http://127.0.0.1:${await bare.call('listen', parameters)}` };
    await client.call('login', { ...visitors, ms: warmUpMs });
    return {
      async row() {
        const rate = await client.call('login', visitors);
        return [rate, rate];
      },
      floor: async () => [await bare.call('verify', { ...parameters, ms }), await client.call('login', bareVisitors)],
      async close() {
        await Promise.all([client.stop(), service.stop(), bare.stop()]);
        await domain.close();
      },
    };
  },
};

async function registerUsers({ users, database }: BenchDomain) {
  const visitors = Array.from({ length: userCount }, (_, index) => ({
    email: `visitor${index}@example.org`,
    password: randomBytes(12).toString('base64url'),
  }));
  for (const visitor of visitors) await users.register(database.db, { ...visitor, tenantId: 'default' });
  return visitors;
}
