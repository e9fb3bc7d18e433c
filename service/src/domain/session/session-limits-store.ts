import { sql } from 'kysely';
import type { Db } from '../../db/schema.ts';
import type { SessionLimits } from './session-store.ts';

/**
 * Shorter limits for the live sessions of a tenant; a longer one leaves them as they are. Says whose time is over now.
 */
export async function shortenSessions(db: Db, tenantId: string, limits: SessionLimits): Promise<string[]> {
  const { rows } = await sql<{ sid: string; over: boolean }>`/* name: shorten_sessions */
    WITH l AS MATERIALIZED (SELECT make_interval(mins => ${limits.activeMinutes}::int) AS active,
        ${limits.idleMinutes}::int * 60 AS idle),
    target AS MATERIALIZED (SELECT s.sid FROM sessions s, l WHERE s.tenant_id = ${tenantId} AND s.revoked_at IS NULL
        AND s.expires_at > clock_timestamp()
        AND (s.expires_at > s.created_at + l.active OR coalesce(s.idle_seconds > l.idle, l.idle IS NOT NULL))
      ORDER BY s.sid FOR NO KEY UPDATE OF s)
    UPDATE sessions s SET expires_at = least(s.expires_at, date_trunc('second', s.created_at + l.active)),
      idle_seconds = least(s.idle_seconds, l.idle),
      idle_expires_at = least(s.idle_expires_at, s.last_active_at + make_interval(secs => l.idle))
    FROM target t, l WHERE s.sid = t.sid
    RETURNING s.sid, least(s.expires_at, s.idle_expires_at) <= clock_timestamp() AS over`.execute(db);
  return rows.filter(({ over }) => over).map(({ sid }) => sid);
}
