import { type SqlBool, sql } from 'kysely';
import type { Db } from '../../db/schema.ts';
import type { Minute, Tally } from './traffic.ts';

/** Adds to the running minute, by the database's clock. */
export async function addToMinute(db: Db, { rotations, logins }: Tally): Promise<void> {
  await sql`/* name: add_to_minute */
    INSERT INTO traffic AS t (minute, rotations, logins)
    VALUES (date_trunc('minute', clock_timestamp()), ${rotations}::bigint, ${logins}::bigint)
    ON CONFLICT (minute) DO UPDATE SET rotations = t.rotations + excluded.rotations,
      logins = t.logins + excluded.logins`.execute(db);
}

/** The last `minutes` minutes with their gaps, oldest first, the running one last. */
export async function readMinutes(db: Db, minutes: number): Promise<Minute[]> {
  const { rows } = await sql<Minute>`/* name: read_minutes */
    SELECT m.at, coalesce(t.rotations, 0)::float8 AS rotations, coalesce(t.logins, 0)::float8 AS logins,
      t.sessions::float8 AS sessions
    FROM (SELECT date_trunc('minute', clock_timestamp()) AS now) c,
      LATERAL generate_series(c.now - make_interval(mins => ${minutes - 1}::int), c.now, interval '1 minute') m(at)
      LEFT JOIN traffic t ON t.minute = m.at
    ORDER BY m.at`.execute(db);
  return rows;
}

/** The whole statement has one moment, so that the rows are compared with a constant. */
const isLive = sql<SqlBool>`s.revoked_at IS NULL AND s.expires_at > statement_timestamp()
  AND least(s.expires_at, s.idle_expires_at) > statement_timestamp()`;

/**
 * Counts the live sessions into the running minute, once for all nodes: whoever comes later finds the number and counts
 * nothing. Of two that come at once the later one's stands.
 */
export async function sampleSessions(db: Db): Promise<void> {
  await sql`/* name: sample_sessions */
    INSERT INTO traffic (minute, sessions)
    SELECT m.now, (SELECT count(*) FROM sessions s WHERE ${isLive})
    FROM (SELECT date_trunc('minute', statement_timestamp()) AS now) m
    WHERE NOT EXISTS (SELECT FROM traffic t WHERE t.minute = m.now AND t.sessions IS NOT NULL)
    ON CONFLICT (minute) DO UPDATE SET sessions = excluded.sessions`.execute(db);
}

export async function disposeMinutes(db: Db): Promise<void> {
  await sql`DELETE FROM traffic WHERE minute < clock_timestamp() - interval '1 day'`.execute(db);
}

export interface Numbers {
  readonly sessions: number;
  readonly onlineSessions: number;
  readonly sockets: number;
  readonly servers: number;
  readonly users: number;
  readonly tenants: number;
}

/** How many there are now. */
export async function readNumbers(db: Db): Promise<Numbers> {
  const { rows } = await sql<Numbers>`/* name: read_numbers */
    SELECT (SELECT count(*) FROM sessions s WHERE ${isLive})::float8 AS sessions,
      here.sessions::float8 AS "onlineSessions", here.sockets::float8 AS sockets,
      (SELECT count(*) FROM servers WHERE lease_until > clock_timestamp())::float8 AS servers,
      (SELECT count(*) FROM users)::float8 AS users, (SELECT count(*) FROM tenants)::float8 AS tenants
    FROM (SELECT count(DISTINCT p.sid) AS sessions, coalesce(sum(p.sockets), 0) AS sockets
      FROM presence p JOIN servers v USING (server_id) WHERE v.lease_until > clock_timestamp()) here`.execute(db);
  return rows[0]!;
}
