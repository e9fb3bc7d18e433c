import { createLatchkey } from '@latchkey/sdk-server';
import { LRUCache } from 'lru-cache';
import type { ComparisonPlan } from '../../bench/comparison.ts';
import { measureRate } from '../../bench/cpu.ts';
import { callInTurn } from '../../bench/load.ts';
import { openService, seedTokens } from './backend.ts';

const ms = 1_000;
const count = 1_000;

/** A backend's check of a cached access token: its times, the revocation list and the age of that list. */
export const verifyCached: ComparisonPlan = {
  name: 'verify-cached',
  metrics: [{ name: 'verify in a backend, remembered', unit: '/s', better: 'more', floor: 'LRU lookup' }],
  warmUps: 1,
  async open() {
    const { domain, credential, close } = await openService();
    const tokens = (await seedTokens(domain, count)).map(({ token }) => token);
    const latchkey = createLatchkey(credential);
    await latchkey.ready();
    const remembered = new LRUCache<string, object>({ max: 10_000 });
    for (const token of tokens) remembered.set(token, await latchkey.verify(token));
    const pick = (index: number) => tokens[index % count]!;
    return {
      row: async () => [await measureRate(() => callInTurn(ms, (index) => latchkey.verify(pick(index))))],
      floor: async () => [await measureRate(() => callInTurn(ms, async (index) => remembered.get(pick(index))))],
      async close() {
        latchkey.close();
        await close();
      },
    };
  },
};
