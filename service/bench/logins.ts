import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import type { ComparisonPlan } from '../../bench/comparison.ts';
import type { LoginClientCalls } from '../../bench/login-client.ts';
import { startWorker } from '../../bench/worker.ts';
import type { BareHasherCalls } from './bare-hasher.ts';
import { startServiceHost } from './crowd.ts';
import { type BenchRooms, openRooms } from './rooms.ts';

const people = 16;
const concurrency = 8;
const ms = 3_000;
/** V8 goes on compiling for some thousand logins. */
const warmUpMs = 30_000;

/**
 * `POST /login` over HTTP, right passwords, default argon2id parameters, 8 requests at once. The service lets as many
 * hashes work at once as there are cores, and so do the floors: one is the hash alone, the other what of the way any login
 * over HTTP has to go.
 */
export const logins: ComparisonPlan = {
  name: 'logins',
  metrics: [
    { name: 'logins over HTTP', unit: '/s', better: 'more', target: 0.95, floor: 'argon2id verify' },
    { name: 'logins over HTTP', unit: '/s', better: 'more', floor: 'argon2id verify behind node:http, no database' },
  ],
  warmUps: 1,
  async open() {
    const rooms = await openRooms();
    const [client, service, bare] = await Promise.all([
      startWorker<LoginClientCalls>(new URL('../../bench/login-client.ts', import.meta.url)),
      startServiceHost(),
      startWorker<BareHasherCalls>(new URL('./bare-hasher.ts', import.meta.url)),
    ]);
    await service.call('start', rooms.env);
    const visitors = { url: rooms.config.publicUrl, people: await registerPeople(rooms), concurrency, ms };
    const { argon2MemoryInKib: memoryInKib, argon2Passes: passes } = rooms.config;
    const parameters = { memoryInKib, passes, hands: availableParallelism() };
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
        await rooms.close();
      },
    };
  },
};

async function registerPeople({ users, database }: BenchRooms) {
  const visitors = Array.from({ length: people }, (_, index) => ({
    email: `visitor${index}@example.org`,
    password: randomBytes(12).toString('base64url'),
  }));
  for (const visitor of visitors) await users.register(database.db, { ...visitor, tenantId: 'default' });
  return visitors;
}
