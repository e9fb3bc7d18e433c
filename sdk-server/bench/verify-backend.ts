import { createLatchkey } from '@latchkey/sdk-server';
import jwt from 'jsonwebtoken';
import type { ComparisonPlan } from '../../bench/comparison.ts';
import { measureRate } from '../../bench/cpu.ts';
import { callInTurn } from '../../bench/load.ts';
import { openService, seedTokens } from './backend.ts';

const ms = 1_000;

/** A backend's check of 64 access tokens in turn with a cache of one token, so that none is cached. */
export const verifyBackend: ComparisonPlan = {
  name: 'verify-backend',
  metrics: [
    {
      name: 'verify in a backend, uncached',
      unit: '/s',
      better: 'more',
      target: 0.9,
      floor: 'jsonwebtoken, KeyObject',
    },
  ],
  warmUps: 1,
  async open() {
    const { domain, credential, close } = await openService();
    const tokens = (await seedTokens(domain, 64)).map(({ token }) => token);
    const latchkey = createLatchkey({ ...credential, cacheSize: 1 });
    await latchkey.ready();
    const key = domain.keys.publicKey(domain.keys.current().kid)!;
    const { issuer, audience } = domain.config;
    const check = (token: string) => jwt.verify(token, key, { algorithms: ['ES256'], issuer, audience });
    const pick = (index: number) => tokens[index % tokens.length]!;
    return {
      row: async () => [await measureRate(() => callInTurn(ms, (index) => latchkey.verify(pick(index))))],
      floor: async () => [await measureRate(() => callInTurn(ms, async (index) => check(pick(index))))],
      async close() {
        latchkey.close();
        await close();
      },
    };
  },
};
