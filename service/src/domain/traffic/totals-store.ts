import { sql } from 'kysely';
import { epochMicrosSql, type KeysetPosition, keysetStart, nilUuid, pagesAfter, toRowValue } from '../../db/keyset.ts';
import type { Db } from '../../db/schema.ts';
import { isLive, isNotEnded } from '../session/live-session.sql.ts';

/** Rows that one statement counts, so that none takes longer than a fraction of a second, however large the tables are. */
const pageSize = sql.lit(10_000);

type LiveTotals = {
  readonly sessions: number;
  readonly onlineSessions: number;
  readonly sockets: number;
  readonly servers: number;
  readonly users: number;
  readonly tenants: number;
};

/** How many there are now, counted page by page: of what changes meanwhile, some is counted and some is not. */
export async function readLiveTotals(db: Db): Promise<LiveTotals> {
  const sessions = await countLiveSessions(db);
  const online = await countOnline(db);
  const users = await countUsers(db);
  const { rows } = await sql<Pick<LiveTotals, 'servers' | 'tenants'>>`/* name: count_servers */
    SELECT (SELECT count(*) FROM servers WHERE lease_until > statement_timestamp())::float8 AS servers,
      (SELECT count(*) FROM tenants)::float8 AS tenants`.execute(db);
  return { sessions, ...online, users, ...rows[0]! };
}

export async function countLiveSessions(db: Db): Promise<number> {
  let live = 0;
  const readPage = async (after: KeysetPosition) => {
    const { rows } = await sql<{ live: number } & KeysetPosition>`/* name: count_live_sessions */
      WITH page AS MATERIALIZED (SELECT s.created_at, s.sid, ${isLive('s', 'statement_timestamp()')} AS live FROM sessions s
        WHERE ${isNotEnded('s')} AND (s.created_at, s.sid) > ${toRowValue(after)}
        ORDER BY s.created_at, s.sid LIMIT ${pageSize})
      SELECT (SELECT count(*) FILTER (WHERE p.live) FROM page p)::float8 AS live, ${epochMicrosSql('l.created_at')} AS micros, l.sid AS id
      FROM page l ORDER BY l.created_at DESC, l.sid DESC LIMIT 1`.execute(db);
    const [last] = rows;
    return { live: last?.live ?? 0, last };
  };
  for await (const page of pagesAfter(keysetStart, readPage)) live += page.live;
  return live;
}

/**
 * Live sessions with sockets on live servers, as the lists show them. Each row is read by its key: a join of a page
 * this large would be planned as a scan of all sessions.
 */
async function countOnline(db: Db): Promise<Pick<LiveTotals, 'onlineSessions' | 'sockets'>> {
  const sum = { onlineSessions: 0, sockets: 0 };
  const readPage = async (after: string) => {
    const { rows } = await sql<{ sessions: number; sockets: number; last: string | null }>`/* name: count_online */
      WITH page AS MATERIALIZED (SELECT p.sid, sum(p.sockets) AS sockets FROM presence p WHERE p.sid > ${after}::uuid
        AND p.server_id = ANY(ARRAY(SELECT v.server_id FROM servers v WHERE v.lease_until > statement_timestamp()))
        GROUP BY p.sid ORDER BY p.sid LIMIT ${pageSize}),
      judged AS MATERIALIZED (SELECT p.sid, p.sockets, (SELECT ${isLive('s', 'statement_timestamp()')} FROM sessions s
        WHERE s.sid = p.sid) AS live FROM page p)
      SELECT count(*) FILTER (WHERE j.live)::float8 AS sessions, coalesce(sum(j.sockets) FILTER (WHERE j.live), 0)::float8 AS sockets,
        (SELECT l.sid FROM page l ORDER BY l.sid DESC LIMIT 1) AS last
      FROM judged j`.execute(db);
    return rows[0]!;
  };
  for await (const page of pagesAfter(nilUuid, readPage)) {
    sum.onlineSessions += page.sessions;
    sum.sockets += page.sockets;
  }
  return sum;
}

async function countUsers(db: Db): Promise<number> {
  let users = 0;
  const readPage = async (after: string) => {
    const { rows } = await sql<{ users: number; last: string | null }>`/* name: count_users */
      WITH page AS MATERIALIZED (SELECT u.id, u.deleted_at FROM users u WHERE u.id > ${after}::uuid ORDER BY u.id
        LIMIT ${pageSize})
      SELECT count(*) FILTER (WHERE deleted_at IS NULL)::float8 AS users,
        (SELECT l.id FROM page l ORDER BY l.id DESC LIMIT 1) AS last FROM page`.execute(db);
    return rows[0]!;
  };
  for await (const page of pagesAfter(nilUuid, readPage)) users += page.users;
  return users;
}
