import type { ComparisonPlan } from '../../bench/comparison.ts';
import { measureRate } from '../../bench/cpu.ts';
import type { GetClientCalls } from '../../bench/get-client.ts';
import { startWorker } from '../../bench/worker.ts';
import { openService, seedTokens } from './backend.ts';
import type { GuardHostCalls } from './guard-host.ts';

const connections = 32;
const ms = 2_000;

/** One route behind a guard and the same route without one, 64 access tokens in turn over 32 connections. */
export const guards: ComparisonPlan = {
  name: 'guards',
  metrics: [
    { name: 'guarded route of Koa', unit: '/s', better: 'more', target: 0.95, floor: 'the same route without a guard' },
    {
      name: 'guarded route of Express',
      unit: '/s',
      better: 'more',
      target: 0.95,
      floor: 'the same route without a guard',
    },
  ],
  warmUps: 2,
  async open() {
    const { domain, credential, close } = await openService();
    const authorization = (await seedTokens(domain, 64)).map(({ token }) => `Bearer ${token}`);
    const [client, host] = await Promise.all([
      startWorker<GetClientCalls>(new URL('../../bench/get-client.ts', import.meta.url)),
      startWorker<GuardHostCalls>(new URL('./guard-host.ts', import.meta.url)),
    ]);
    const ports = await host.call('listen', credential);
    const rate = (port: number) =>
      measureRate(() => client.call('get', { port, authorization, connections, ms }), host.cpuTime);
    return {
      row: async () => [await rate(ports.koa), await rate(ports.express)],
      floor: async () => [await rate(ports.unguardedKoa), await rate(ports.unguardedExpress)],
      async close() {
        await Promise.all([client.stop(), host.stop()]);
        await close();
      },
    };
  },
};
