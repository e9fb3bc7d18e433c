import { fail } from '@latchkey/contract';
import { type SqlBool, sql } from 'kysely';
import { currentEpochSql } from '../../db/epoch.ts';
import { nilUuid } from '../../db/keyset.ts';
import type { Db } from '../../db/schema.ts';
import { isLive } from '../session/live-session.sql.ts';
import type { PresenceEntry } from './presence-entry.ts';

const epoch = sql.raw(currentEpochSql);

/** Who holds sockets: this process, or a server of a backend. */
export interface ServerIdentity {
  readonly serverId: string;
  readonly backendId: string | null;
}

/** A lease that a server holds. */
export interface Lease {
  /** The server had none, so its presence has to be reported again. */
  readonly isNew: boolean;
  /** When the last failover or restore was noted, as text; `null`: never. Presence that was reported before may be lost. */
  readonly recovery: string | null;
}

/**
 * Takes or renews this server's lease. `undefined`: the id belongs to another backend.
 *
 * After a failover no lease is renewed before the newest ones are noted: they say when commits were lost.
 *
 * @throws unavailable
 */
export async function renewLease(
  db: Db,
  { serverId, backendId }: ServerIdentity,
  seconds: number,
): Promise<Lease | undefined> {
  const { rows } = await sql<{
    is_open: boolean;
    taken: boolean | null;
    recovery: string | null;
  }>`/* name: renew_lease */
    WITH open AS MATERIALIZED (SELECT EXISTS (SELECT FROM cluster WHERE ${epoch} IN (served, moved_to)) AS is_open),
    renewed AS (INSERT INTO servers AS v (server_id, lease_until, backend_id)
      SELECT ${serverId}::uuid, clock_timestamp() + make_interval(secs => ${seconds}::int), ${backendId}::text
      FROM open WHERE is_open
      ON CONFLICT (server_id) DO UPDATE SET lease_until = excluded.lease_until
        WHERE v.backend_id IS NOT DISTINCT FROM excluded.backend_id
      RETURNING xmax = 0 AS taken)
    SELECT open.is_open, renewed.taken, (SELECT moved_at::text FROM cluster) AS recovery
    FROM open LEFT JOIN renewed ON true`.execute(db);
  const { is_open, taken, recovery } = rows[0]!;
  if (!is_open) throw fail('unavailable', { detail: 'a failover was not noted yet', retryAfterMs: 500 });
  return taken === null ? undefined : { isNew: taken, recovery };
}

/** Writes how many sockets of each session this server holds, in the order of their ids; 0 removes the row. */
export async function writePresence(db: Db, serverId: string, counts: ReadonlyMap<string, number>): Promise<void> {
  const ordered = [...counts].sort(([left], [right]) => (left < right ? -1 : 1));
  await sql`/* name: write_presence */
    WITH req AS MATERIALIZED (SELECT * FROM unnest(${ordered.map(([sid]) => sid)}::uuid[],
      ${ordered.map(([, sockets]) => sockets)}::int[]) r(sid, sockets)),
    deleted AS (DELETE FROM presence p USING req r
      WHERE p.sid = r.sid AND p.server_id = ${serverId}::uuid AND r.sockets = 0)
    INSERT INTO presence (sid, server_id, sockets)
    SELECT sid, ${serverId}::uuid, sockets FROM req WHERE sockets > 0 ORDER BY sid
    ON CONFLICT (sid, server_id) DO UPDATE SET sockets = excluded.sockets`.execute(db);
}

/** Removes the server's presence of all sessions but these. @returns the sessions that had some */
export async function deletePresenceExcept(db: Db, serverId: string, sids: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ sid: string }>`/* name: keep_only */
    DELETE FROM presence p WHERE p.server_id = ${serverId}::uuid
      AND NOT EXISTS (SELECT FROM unnest(${sids}::uuid[]) k(sid) WHERE k.sid = p.sid) RETURNING p.sid`.execute(db);
  return rows.map((row) => row.sid);
}

/** Those of the sessions that have presence on this server. */
export async function readPresent(db: Db, serverId: string, sids: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ sid: string }>`/* name: read_present */
    SELECT sid FROM presence WHERE server_id = ${serverId}::uuid AND sid = ANY(${sids}::uuid[])`.execute(db);
  return rows.map((row) => row.sid);
}

export async function removeServer(db: Db, serverId: string): Promise<void> {
  await db.deleteFrom('servers').where('server_id', '=', serverId).execute();
}

/**
 * Removes servers whose lease has run out, and their presence, each in a statement of its own. Those of backends stay
 * longer: a backend that was cut off comes back with the sockets it had, and their rows prove that it may act for these
 * sessions. Removes none that has come back since, and none while a failover is in progress.
 */
export async function deleteExpiredServers(db: Db): Promise<number> {
  const over = sql<SqlBool>`lease_until < clock_timestamp() -
      CASE WHEN backend_id IS NULL THEN interval '1 minute' ELSE interval '15 minutes' END
    AND EXISTS (SELECT FROM cluster WHERE served = ${epoch})`;
  const servers = await db.selectFrom('servers').select('server_id').where(over).orderBy('server_id').execute();
  let removed = 0;
  for (const { server_id } of servers) {
    const { numDeletedRows } = await db
      .deleteFrom('servers')
      .where('server_id', '=', server_id)
      .where(over)
      .executeTakeFirstOrThrow();
    removed += Number(numDeletedRows);
  }
  return removed;
}

/** Keyset of a list by session and server. */
type PresenceKey = Pick<PresenceEntry, 'sid' | 'serverId'>;

/** Rows of one page: short enough that nothing else of the process waits for it. */
const pageSize = 1_000;

/** Before the first row. */
export const presenceStart: PresenceKey = Object.freeze({ sid: nilUuid, serverId: nilUuid });

/** Live sessions with sockets on live servers, behind the row of `after`. @returns no `last` when there are no more rows */
export async function readPresencePage(
  db: Db,
  after: PresenceKey,
): Promise<{ rows: PresenceEntry[]; last: PresenceKey | undefined }> {
  // The page is cut before the rows are judged: one without live sessions is not the end.
  const { rows } = await sql<PresenceEntry & { readonly online: boolean }>`/* name: read_presence_page */
    WITH page AS MATERIALIZED (SELECT p.sid, p.server_id, p.sockets FROM presence p
      WHERE (p.sid, p.server_id) > (${after.sid}::uuid, ${after.serverId}::uuid)
      ORDER BY p.sid, p.server_id LIMIT ${sql.lit(pageSize)})
    SELECT p.sid, p.server_id AS "serverId", p.sockets, s.uid AS "userId", s.tenant_id AS "tenantId", s.claims,
      floor(extract(epoch FROM s.created_at) * 1000)::float8 AS "createdAtMs",
      floor(extract(epoch FROM s.last_active_at) * 1000)::float8 AS "updatedAtMs",
      s.sid IS NOT NULL AND v.server_id IS NOT NULL AS online
    FROM page p LEFT JOIN sessions s ON s.sid = p.sid AND ${isLive('s', 'statement_timestamp()')}
      LEFT JOIN servers v ON v.server_id = p.server_id AND v.lease_until > statement_timestamp()
    ORDER BY p.sid, p.server_id`.execute(db);
  const last = rows.at(-1);
  return {
    rows: rows.filter(({ online }) => online).map(({ online, ...entry }) => entry),
    last,
  };
}

/** Nodes of the service whose lease is valid. */
export async function countNodes(db: Db): Promise<number> {
  const { rows } = await sql<{ nodes: number }>`SELECT count(*)::int AS nodes FROM servers
    WHERE backend_id IS NULL AND lease_until > statement_timestamp()`.execute(db);
  return rows[0]!.nodes;
}
