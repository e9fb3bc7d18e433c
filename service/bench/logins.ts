import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import type { ComparisonPlan } from '../../bench/comparison.ts';
import { measureRate } from '../../bench/cpu.ts';
import type { LoginClientCalls } from '../../bench/login-client.ts';
import { startWorker } from '../../bench/worker.ts';
import type { Argon2HostCalls } from './argon2-host.ts';
import { type BenchDomain, openBenchDomain } from './bench-domain.ts';
import { startServiceHost } from './workers.ts';

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
    const [client, service, argon2] = await Promise.all([
      startWorker<LoginClientCalls>(new URL('../../bench/login-client.ts', import.meta.url)),
      startServiceHost(),
      startWorker<Argon2HostCalls>(new URL('./argon2-host.ts', import.meta.url)),
    ]);
    await service.call('start', domain.env);
    const load = { url: domain.config.publicUrl, users: await registerUsers(domain), concurrency, ms };
    const { argon2MemoryInKib: memoryInKib, argon2Passes: passes } = domain.config;
    const parameters = { memoryInKib, passes, concurrency: availableParallelism() };
    const argon2Load = { ...load, url: `http://127.0.0.1:${await argon2.call('listen', parameters)}` };
    await client.call('login', { ...load, ms: warmUpMs });
    return {
      async row() {
        const rate = await measureRate(() => client.call('login', load), service.cpuTime);
        return [rate, rate];
      },
      floor: async () => [
        await measureRate(() => argon2.call('verify', { ...parameters, ms }), argon2.cpuTime),
        await measureRate(() => client.call('login', argon2Load), argon2.cpuTime),
      ],
      async close() {
        await Promise.all([client.stop(), service.stop(), argon2.stop()]);
        await domain.close();
      },
    };
  },
};

async function registerUsers({ users, database }: BenchDomain) {
  const registered = Array.from({ length: userCount }, (_, index) => ({
    email: `user${index}@example.org`,
    password: randomBytes(12).toString('base64url'),
  }));
  for (const user of registered) await users.register(database.db, { ...user, tenantId: 'default' });
  return registered;
}
