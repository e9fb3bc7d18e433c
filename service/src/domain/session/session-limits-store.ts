import { sql } from 'kysely';
import type { Db } from '../../db/schema.ts';
import type { SessionLimits } from './session-store.ts';

/** Rows of a tenant that are looked at by one statement. */
const pieceSize = 1_000;

/** The last row that was looked at, in the order of the sessions' making. */
export interface LookedAt {
  readonly micros: string;
  readonly sid: string;
}

export interface ShortenedPiece {
  /** Whose time is over now. */
  readonly over: readonly string[];
  /** `undefined`: there are no more. */
  readonly last: LookedAt | undefined;
}

const beforeAll: LookedAt = { micros: '0', sid: '00000000-0000-0000-0000-000000000000' };

/**
 * The limits that hold for a tenant now, for the next piece of its live sessions; a longer one leaves them as they are. They
 * are read with the piece: of two changes that overlap, the later one holds for what is opened after it.
 */
export async function shortenPiece(
  db: Db,
  tenantId: string,
  usual: SessionLimits,
  { micros, sid }: LookedAt = beforeAll,
): Promise<ShortenedPiece> {
  const { rows } = await sql<{ over: string[] | null } & LookedAt>`/* name: shorten_sessions */
    WITH piece AS MATERIALIZED (SELECT s.sid, s.created_at FROM sessions s WHERE s.tenant_id = ${tenantId}
        AND (s.created_at, s.sid) > (timestamptz 'epoch' + ${micros}::bigint * interval '1 microsecond', ${sid}::uuid)
      ORDER BY s.created_at, s.sid LIMIT ${sql.lit(pieceSize)}),
    l AS MATERIALIZED (SELECT make_interval(mins => coalesce(n.max_active_minutes, ${usual.activeMinutes}::int)) AS active,
        coalesce(n.max_idle_minutes, ${usual.idleMinutes}::int) * 60 AS idle FROM tenants n WHERE n.id = ${tenantId}),
    target AS MATERIALIZED (SELECT s.sid FROM sessions s, l WHERE s.sid IN (SELECT p.sid FROM piece p)
        AND s.revoked_at IS NULL AND s.expires_at > clock_timestamp()
        AND (s.expires_at > s.created_at + l.active OR coalesce(s.idle_seconds > l.idle, l.idle IS NOT NULL))
      ORDER BY s.sid FOR NO KEY UPDATE OF s),
    upd AS (UPDATE sessions s SET expires_at = least(s.expires_at, date_trunc('second', s.created_at + l.active)),
        idle_seconds = least(s.idle_seconds, l.idle),
        idle_expires_at = least(s.idle_expires_at, s.last_active_at + make_interval(secs => l.idle))
      FROM target t, l WHERE s.sid = t.sid
      RETURNING s.sid, least(s.expires_at, s.idle_expires_at) <= clock_timestamp() AS is_over)
    SELECT (SELECT array_agg(u.sid::text) FROM upd u WHERE u.is_over) AS over,
      (extract(epoch FROM p.created_at) * 1000000)::bigint::text AS micros, p.sid
    FROM piece p ORDER BY p.created_at DESC, p.sid DESC LIMIT 1`.execute(db);
  const [last] = rows;
  return { over: last?.over ?? [], last: last && { micros: last.micros, sid: last.sid } };
}
