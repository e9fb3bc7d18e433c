import jwt from 'jsonwebtoken';
import type { ComparisonPlan } from '../../bench/comparison.ts';
import { rateInTurn } from './rate.ts';
import { openRooms } from './rooms.ts';
import { liveOf, seedSessions } from './seed.ts';

const ms = 1_000;

/** The service's own check of an access token, nothing remembered between two calls. */
export const verify: ComparisonPlan = {
  name: 'verify',
  metrics: [{ name: 'access token verified, uncached', unit: '/s', better: 'more', floor: 'jsonwebtoken, KeyObject' }],
  warmUps: 1,
  async open() {
    const rooms = await openRooms();
    const sessions = await seedSessions(rooms.database, 64);
    const tokens = await Promise.all(
      sessions.map((seeded) => rooms.tokens.signAccess(rooms.tokens.accessClaims(liveOf(seeded), ''))),
    );
    const key = rooms.keys.publicKey(rooms.keys.current().kid)!;
    const { issuer, audience } = rooms.config;
    const check = (token: string) => jwt.verify(token, key, { algorithms: ['ES256'], issuer, audience });
    const pick = (index: number) => tokens[index % tokens.length]!;
    return {
      row: async () => [await rateInTurn(ms, (index) => rooms.tokens.readAccess(pick(index)))],
      floor: async () => [await rateInTurn(ms, async (index) => check(pick(index)))],
      close: rooms.close,
    };
  },
};
