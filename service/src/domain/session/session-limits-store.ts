import { sql } from 'kysely';
import { type Deadline, lateFailure, lateSql, timestampFromMs } from '../../db/deadline.ts';
import type { Db } from '../../db/schema.ts';
import { endsAt, isLive } from './live-session.sql.ts';
import type { SessionLimits } from './session-store.ts';

const late = sql.raw(lateSql('w.t', 'w.until'));

/**
 * Applies the current limits of a tenant to these live sessions of it, as far as they are shorter. The limits are read by
 * this statement: of two changes that overlap, the later one holds for what is opened after it.
 *
 * Rows whose lock comes after the deadline stay as they are.
 *
 * @param defaults limits of a tenant that sets none
 * @throws unavailable some of the rows were late
 * @returns ids of the sessions that have expired by the new limits and have to be ended
 */
export async function applySessionLimits(
  db: Db,
  { tenantId, sids }: { readonly tenantId: string; readonly sids: readonly string[] },
  defaults: SessionLimits,
  deadline: Deadline,
): Promise<readonly string[]> {
  const { rows } = await sql<{ over: string[]; late: boolean }>`/* name: shorten_sessions */
    WITH l AS MATERIALIZED (SELECT make_interval(mins => coalesce(n.max_active_minutes, ${defaults.activeMinutes}::int)) AS active,
        coalesce(n.max_idle_minutes, ${defaults.idleMinutes}::int) * 60 AS idle FROM tenants n WHERE n.id = ${tenantId}),
    target AS MATERIALIZED (SELECT s.sid, ${timestampFromMs(deadline.until)} AS until FROM sessions s, l WHERE s.sid = ANY(${sids}::uuid[])
        AND ${isLive('s', 'clock_timestamp()')} AND s.created_at <= coalesce(${timestampFromMs(deadline.createdBefore)}, 'infinity')
        AND (s.expires_at > s.created_at + l.active OR coalesce(s.idle_seconds > l.idle, l.idle IS NOT NULL))
      ORDER BY s.sid FOR NO KEY UPDATE OF s),
    w AS MATERIALIZED (SELECT sid, until, clock_timestamp() AS t FROM target),
    upd AS (UPDATE sessions s SET expires_at = least(s.expires_at, date_trunc('second', s.created_at + l.active)),
        idle_seconds = least(s.idle_seconds, l.idle),
        idle_expires_at = least(s.idle_expires_at, s.last_active_at + make_interval(secs => l.idle))
      FROM w, l WHERE s.sid = w.sid AND NOT ${late}
      RETURNING s.sid, ${sql.raw(endsAt('s'))} <= clock_timestamp() AS is_over)
    SELECT coalesce((SELECT array_agg(u.sid::text) FROM upd u WHERE u.is_over), '{}') AS over,
      coalesce((SELECT bool_or(${late}) FROM w), false) AS late`.execute(db);
  const done = rows[0]!;
  if (done.late) throw lateFailure();
  return done.over;
}
