import { sql } from 'kysely';
import type { Db } from '../../db/schema.ts';
import type { SessionLimits } from './session-store.ts';

/**
 * Applies the current limits of a tenant to these live sessions of it, as far as they are shorter. The limits are read by
 * this statement: of two changes that overlap, the later one holds for what is opened after it.
 *
 * @param defaults limits of a tenant that sets none
 * @returns ids of the sessions that have expired by the new limits and have to be ended
 */
export async function shortenSessions(
  db: Db,
  { tenantId, sids }: { readonly tenantId: string; readonly sids: readonly string[] },
  defaults: SessionLimits,
): Promise<string[]> {
  const { rows } = await sql<{ sid: string }>`/* name: shorten_sessions */
    WITH l AS MATERIALIZED (SELECT make_interval(mins => coalesce(n.max_active_minutes, ${defaults.activeMinutes}::int)) AS active,
        coalesce(n.max_idle_minutes, ${defaults.idleMinutes}::int) * 60 AS idle FROM tenants n WHERE n.id = ${tenantId}),
    target AS MATERIALIZED (SELECT s.sid FROM sessions s, l WHERE s.sid = ANY(${sids}::uuid[])
        AND s.revoked_at IS NULL AND s.expires_at > clock_timestamp()
        AND (s.expires_at > s.created_at + l.active OR coalesce(s.idle_seconds > l.idle, l.idle IS NOT NULL))
      ORDER BY s.sid FOR NO KEY UPDATE OF s),
    upd AS (UPDATE sessions s SET expires_at = least(s.expires_at, date_trunc('second', s.created_at + l.active)),
        idle_seconds = least(s.idle_seconds, l.idle),
        idle_expires_at = least(s.idle_expires_at, s.last_active_at + make_interval(secs => l.idle))
      FROM target t, l WHERE s.sid = t.sid
      RETURNING s.sid, least(s.expires_at, s.idle_expires_at) <= clock_timestamp() AS is_over)
    SELECT u.sid FROM upd u WHERE u.is_over`.execute(db);
  return rows.map(({ sid }) => sid);
}
