import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Database } from '../src/db/types.ts';
import type { RotationRow } from '../src/domain/token/rotation.ts';

/** Puts a user and a fresh session (generation 1) into the tables; returns its id. */
export async function insertSession(
  { db }: Database,
  tag: Buffer,
  overrides: { jkt?: string; sid?: string } = {},
): Promise<string> {
  const uid = randomUUID();
  const { sid = randomUUID() } = overrides;
  await sql`INSERT INTO users (id, tenant_id, email, email_key) VALUES (${uid}, 'default', ${uid}, ${uid})`.execute(db);
  await sql`INSERT INTO sessions (sid, uid, tenant_id, gen, tag, touched_at, h_gen, h_key, h_at, expires_at, jkt, auth_time,
      amr, created_at, last_active_at)
    SELECT ${sid}::uuid, ${uid}::uuid, 'default', 1, ${tag}, t, '{0}', ARRAY[${tag}::bytea], ARRAY[t],
      t + interval '1 day', ${overrides.jkt ?? null}, 0, '{pwd}', t, t FROM (SELECT clock_timestamp() AS t) c`.execute(
    db,
  );
  return sid;
}

/** Adds copies of a session, each `apartMs` older than the one before; `change` sets other columns of them. */
export async function copySession(
  { db }: Pick<Database, 'db'>,
  sid: string,
  { rows, apartMs = 1, change = {} }: { rows: number; apartMs?: number; change?: Readonly<Record<string, unknown>> },
): Promise<void> {
  await sql`INSERT INTO sessions SELECT r.* FROM sessions s, generate_series(1, ${rows}::int) n,
      LATERAL jsonb_populate_record(s, jsonb_build_object('sid', gen_random_uuid(),
        'created_at', s.created_at - n * ${apartMs}::int * interval '1 millisecond') || ${JSON.stringify(change)}::text::jsonb) r
    WHERE s.sid = ${sid}::uuid`.execute(db);
}

/** Lets time pass for one row: every moment it knows moves into the past. */
export async function passTime({ db }: Database, sid: string, ms: number): Promise<void> {
  await sql`UPDATE sessions s SET touched_at = touched_at - i, expires_at = expires_at - i,
      idle_expires_at = idle_expires_at - i,
      h_at = (SELECT coalesce(array_agg(x - i ORDER BY n), '{}') FROM unnest(s.h_at) WITH ORDINALITY u(x, n))
    FROM (SELECT make_interval(secs => ${ms / 1000}) AS i) d WHERE sid = ${sid}::uuid`.execute(db);
}

interface Stored {
  gen: number;
  tag: Buffer;
  confirmed: boolean;
  touched: number;
  h_gen: number[];
  h_key: Buffer[];
  h_ms: number[];
  ends: number;
  revoked: boolean;
  jkt: string | null;
}

/** The row as the verdict table sees it. */
export async function readRow({ db }: Database, sid: string): Promise<RotationRow> {
  const { rows } =
    await sql<Stored>`SELECT gen, tag, confirmed, extract(epoch FROM touched_at)::float8 * 1000 AS touched,
      h_gen, h_key, ARRAY(SELECT extract(epoch FROM x)::float8 * 1000 FROM unnest(h_at) x) AS h_ms,
      extract(epoch FROM least(expires_at, idle_expires_at))::float8 * 1000 AS ends, revoked_at IS NOT NULL AS revoked, jkt
    FROM sessions WHERE sid = ${sid}::uuid`.execute(db);
  const row = rows[0]!;
  return {
    gen: row.gen,
    tag: row.tag.toString('hex'),
    confirmed: row.confirmed,
    touchedAt: row.touched,
    history: row.h_gen.map((gen, i) => ({ gen, key: row.h_key[i]!.toString('hex'), at: row.h_ms[i]! })),
    endsAt: row.ends,
    revoked: row.revoked,
    jkt: row.jkt,
  };
}
