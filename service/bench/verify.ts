import jwt from 'jsonwebtoken';
import type { ComparisonPlan } from '../../bench/comparison.ts';
import { measureRate } from '../../bench/cpu.ts';
import { callInTurn } from '../../bench/load.ts';
import { openBenchDomain } from './bench-domain.ts';
import { liveOf, seedSessions } from './seed.ts';

const ms = 1_000;

/** The service's check of an access token, without a cache between calls. */
export const verify: ComparisonPlan = {
  name: 'verify',
  metrics: [{ name: 'access token verified, uncached', unit: '/s', better: 'more', floor: 'jsonwebtoken, KeyObject' }],
  warmUps: 1,
  async open() {
    const domain = await openBenchDomain();
    const sessions = await seedSessions(domain.database, 64);
    const tokens = await Promise.all(
      sessions.map((seeded) => domain.tokens.signAccess(domain.tokens.accessClaims(liveOf(seeded), ''))),
    );
    const key = domain.keys.publicKey(domain.keys.current().kid)!;
    const { issuer, audience } = domain.config;
    const check = (token: string) => jwt.verify(token, key, { algorithms: ['ES256'], issuer, audience });
    const pick = (index: number) => tokens[index % tokens.length]!;
    return {
      row: async () => [await measureRate(() => callInTurn(ms, (index) => domain.tokens.readAccess(pick(index))))],
      floor: async () => [await measureRate(() => callInTurn(ms, async (index) => check(pick(index))))],
      close: domain.close,
    };
  },
};
