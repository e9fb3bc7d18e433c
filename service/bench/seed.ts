import { randomBytes, randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { SocketCredential } from '../../bench/open-socket.ts';
import type { Database } from '../src/db/types.ts';
import type { LiveSession } from '../src/domain/session/session.ts';
import type { TokenPresentation } from '../src/domain/token/token.ts';
import { type BenchDomain, settle } from './bench-domain.ts';

/** A session in the table, at generation 1. */
export interface Seeded {
  readonly sid: string;
  readonly userId: string;
  readonly tag: Buffer;
  /** Epoch of the database server. */
  readonly epoch: string;
}

/** Replaces all rows of the table by sessions of many users, at generation 1 after one rotation. */
export async function seedSessions({ db }: Database, count: number): Promise<Seeded[]> {
  const { served: epoch } = await db.selectFrom('cluster').select('served').executeTakeFirstOrThrow();
  const seeded = Array.from({ length: count }, () => ({
    sid: randomUUID(),
    userId: randomUUID(),
    tag: randomBytes(16),
    epoch,
  }));
  const sids = seeded.map(({ sid }) => sid);
  const users = seeded.map(({ userId }) => userId);
  const tags = seeded.map(({ tag }) => tag);
  await sql`TRUNCATE sessions, users, presence, operator_invites, one_time_tokens, mails, invitations, known_browsers`.execute(
    db,
  );
  await sql`INSERT INTO users (id, tenant_id, email, email_key)
    SELECT u, 'default', u, u FROM unnest(${users}::uuid[]) u`.execute(db);
  await sql`INSERT INTO sessions (sid, uid, tenant_id, gen, tag, touched_at, h_gen, h_key, h_at, expires_at, auth_time,
      amr, user_agent, address_prefix, created_at, last_active_at)
    SELECT sid, uid, 'default', 1, tag, t, '{0}', ARRAY[tag], ARRAY[t], t + interval '12 hours',
      extract(epoch FROM t)::int, '{pwd}', 'Firefox 140 on Linux', '192.0.2.0/24', t, t
    FROM unnest(${sids}::uuid[], ${users}::uuid[], ${tags}::bytea[]) s(sid, uid, tag),
      (SELECT clock_timestamp() AS t) c`.execute(db);
  return seeded;
}

/** The newest token of a seeded session with a new rotation key. */
export function presentationOf({ sid, tag, epoch }: Seeded): TokenPresentation {
  return { sid, gen: 1, tag, keys: [randomBytes(16)], jkt: null, kind: 'keyed', until: Date.now() + 5_000, epoch };
}

/** The session as a statement that validates it returns it. */
export function liveOf({ sid, userId, tag }: Seeded): LiveSession {
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
    scope: null,
    claims: {},
    idleSeconds: null,
    readAtMs: now,
    expiresAtMs: now + 43_200_000,
    idleExpiresAtMs: null,
  };
}

/** Creates `count` sessions, each of another user, and returns each newest token with a new rotation key. */
export async function seedCredentials(domain: BenchDomain, count: number): Promise<SocketCredential[]> {
  const sessions = await seedSessions(domain.database, count);
  await settle(domain.database, 'sessions');
  return sessions.map((seeded) => ({
    token: domain.tokens.signSession(liveOf(seeded)),
    rotation_key: randomBytes(16).toString('base64url'),
  }));
}
