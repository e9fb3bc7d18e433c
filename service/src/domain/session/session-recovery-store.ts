import { sql } from 'kysely';
import { nilUuid } from '../../db/keyset.ts';
import type { Db } from '../../db/schema.ts';
import { withRetry } from '../../db/transaction.ts';
import type { UnwrittenEnd } from '../failover/failover.ts';
import { isLive, isNotEnded } from './live-session.sql.ts';
import { type EndOptions, endSessions } from './session-end-store.ts';

/**
 * Ends these sessions where they live, and puts each on the list that is not there yet, also where the session's row was
 * lost, too. Repeated, or done by several nodes, it changes nothing more. Says how many the list lacked.
 */
export async function writeBackEnds(
  db: Db,
  ends: readonly UnwrittenEnd[],
  { appendRevocations, retentionSeconds }: EndOptions,
): Promise<number> {
  const { rows } = await withRetry(() =>
    sql<{ written: number }>`/* name: write_back_ends */
    WITH req AS MATERIALIZED (SELECT * FROM unnest(${ends.map(({ sid }) => sid)}::uuid[],
      ${ends.map(({ reason }) => reason)}::text[]) r(sid, reason)),
    target AS MATERIALIZED (SELECT s.sid, r.reason FROM req r JOIN sessions s ON s.sid = r.sid
      WHERE ${isNotEnded('s')} ORDER BY s.sid FOR NO KEY UPDATE OF s),
    w AS MATERIALIZED (SELECT sid, reason, clock_timestamp() AS t FROM target),
    upd AS (UPDATE sessions s SET revoked_at = w.t, touched_at = w.t, revoke_reason = w.reason
      FROM w WHERE s.sid = w.sid RETURNING s.sid),
    missing AS (SELECT r.sid, r.reason FROM req r WHERE EXISTS (SELECT FROM upd u WHERE u.sid = r.sid)
      OR (NOT EXISTS (SELECT FROM blacklist b WHERE b.sid = r.sid)
        AND NOT EXISTS (SELECT FROM sessions s WHERE s.sid = r.sid AND ${isNotEnded('s')}))),
    dead AS (SELECT m.sid, clock_timestamp() AS t, m.reason AS revoke_reason, row_number() OVER (ORDER BY m.sid) rn,
      count(*) OVER () n, make_interval(secs => ${retentionSeconds}::float8) AS keep FROM missing m),
    ${sql.raw(appendRevocations('keep'))}
    SELECT count(*)::int AS written, (SELECT count(*) FROM note) AS notes FROM dead`.execute(db),
  );
  return rows[0]!.written;
}

/** Rows of one piece. The statement that ends the live ones holds the head of the list. */
const chunkSize = 1_000;

/** Ends every live session, a piece at a time by id. Says how many; stops between two pieces once `isStopped`. */
export async function endAll(db: Db, options: EndOptions, isStopped: () => boolean): Promise<number> {
  let ended = 0;
  let last: string | undefined = nilUuid;
  while (last !== undefined && !isStopped()) {
    const piece = await readChunk(db, last);
    const sids = piece.filter(({ is_live }) => is_live).map(({ sid }) => sid);
    if (sids.length > 0)
      ended += (await withRetry(() => endSessions(db, { target: { sids }, reason: 'generation_unknown' }, options)))
        .ended.length;
    last = piece.at(-1)?.sid;
  }
  return ended;
}

async function readChunk(db: Db, after: string): Promise<readonly { sid: string; is_live: boolean }[]> {
  const { rows } = await sql<{ sid: string; is_live: boolean }>`/* name: read_piece_of_all */
    SELECT s.sid, ${isLive('s', 'clock_timestamp()')} AS is_live FROM sessions s WHERE s.sid > ${after}::uuid
    ORDER BY s.sid LIMIT ${sql.lit(chunkSize)}`.execute(db);
  return rows;
}
