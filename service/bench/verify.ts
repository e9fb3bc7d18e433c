import jwt from 'jsonwebtoken';
import type { ContestPlan } from '../../bench/contest.ts';
import type { LiveSession } from '../src/domain/session/session.ts';
import { rateInTurn } from './rate.ts';
import { seedSessions } from './seed.ts';
import { issuer, openTokenRoom } from './token-room.ts';

const ms = 1_000;

/** The service's own check of an access token, nothing remembered between two calls. */
export const verify: ContestPlan = {
  name: 'verify',
  metrics: [{ name: 'access token verified, uncached', unit: '/s', better: 'more', floor: 'jsonwebtoken, KeyObject' }],
  warmUps: 1,
  async open() {
    const room = await openTokenRoom();
    const sessions = await seedSessions(room.database, 64);
    const tokens = sessions.map((seeded) => room.tokens.signAccess(room.tokens.accessClaims(liveOf(seeded))));
    const key = room.publicKey();
    const check = (token: string) => jwt.verify(token, key, { algorithms: ['ES256'], issuer, audience: issuer });
    const pick = (index: number) => tokens[index % tokens.length]!;
    return {
      row: async () => [await rateInTurn(ms, (index) => room.tokens.readAccess(pick(index)))],
      floor: async () => [await rateInTurn(ms, async (index) => check(pick(index)))],
      close: room.close,
    };
  },
};

function liveOf({ sid, userId, tag }: { sid: string; userId: string; tag: Buffer }): LiveSession {
  const now = Date.now();
  return {
    sid,
    gen: 1,
    tag,
    userId,
    tenantId: 'default',
    jkt: null,
    authTime: Math.floor(now / 1_000),
    amr: ['pwd'],
    claims: {},
    idleSeconds: null,
    provedAtMs: now,
    expiresAtMs: now + 43_200_000,
    idleExpiresAtMs: null,
  };
}
