import type { ComparisonPlan } from '../../bench/comparison.ts';
import { measureRate } from '../../bench/cpu.ts';
import type { GetClientCalls } from '../../bench/get-client.ts';
import { startWorker } from '../../bench/worker.ts';
import { openService, seedTokens } from './backend.ts';
import type { GuardHostCalls } from './guard-host.ts';

const connections = 32;
const ms = 1_500;

const bare = 'the same route without a guard';
const least = 'the same route behind a lookup in a Map';
const common = { unit: '/s', better: 'more' } as const;

/**
 * One route behind a guard, behind the least that any guard does, and without one: 64 access tokens in turn over 32
 * connections.
 */
export const guards: ComparisonPlan = {
  name: 'guards',
  metrics: [
    { name: 'guarded route of Koa', ...common, target: 0.95, floor: bare },
    { name: 'guarded route of Koa', ...common, floor: least },
    { name: 'Koa with a lookup in a Map', ...common, floor: bare },
    { name: 'guarded route of Express', ...common, target: 0.95, floor: bare },
    { name: 'guarded route of Express', ...common, floor: least },
    { name: 'Express with a lookup in a Map', ...common, floor: bare },
  ],
  warmUps: 2,
  async open() {
    const { domain, credential, close } = await openService();
    const authorization = (await seedTokens(domain, 64)).map(({ token }) => `Bearer ${token}`);
    const [client, host] = await Promise.all([
      startWorker<GetClientCalls>(new URL('../../bench/get-client.ts', import.meta.url)),
      startWorker<GuardHostCalls>(new URL('./guard-host.ts', import.meta.url)),
    ]);
    const { koa, express } = await host.call('listen', { credential, authorization });
    const rate = (port: number) =>
      measureRate(() => client.call('get', { port, authorization, connections, ms }), host.cpuTime);
    return {
      async row() {
        const [guardedKoa, leastKoa] = [await rate(koa.guarded), await rate(koa.least)];
        const [guardedExpress, leastExpress] = [await rate(express.guarded), await rate(express.least)];
        return [guardedKoa, guardedKoa, leastKoa, guardedExpress, guardedExpress, leastExpress];
      },
      async floor() {
        const [leastKoa, bareKoa] = [await rate(koa.least), await rate(koa.bare)];
        const [leastExpress, bareExpress] = [await rate(express.least), await rate(express.bare)];
        return [bareKoa, leastKoa, bareKoa, bareExpress, leastExpress, bareExpress];
      },
      async close() {
        await Promise.all([client.stop(), host.stop()]);
        await close();
      },
    };
  },
};
