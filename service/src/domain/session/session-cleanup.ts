import { sql } from 'kysely';
import { epochMicrosSql, type KeysetPosition, keysetStart, pagesAfter, toRowValue } from '../../db/keyset.ts';
import type { Db } from '../../db/schema.ts';
import { withRetry } from '../../db/transaction.ts';
import { endsAt, isNotEnded } from './live-session.sql.ts';

/** Rows that one statement reads, and rows that one statement deletes. */
const pageSize = { expired: 2_000, ended: 500 };

interface Chunk {
  readonly changed: number;
  /** The last row that was read; `undefined`: there are no more. */
  readonly last: KeysetPosition | undefined;
}

/**
 * Marks sessions as ended that expired so long ago that no access token of them is accepted any more: they need no row of
 * the blacklist. They leave the indexes of live sessions, and are deleted as the others.
 *
 * @param afterSeconds how long access tokens are accepted after the end, at most
 * @returns how many
 */
export const markExpired = (db: Db, afterSeconds: number): Promise<number> =>
  changeAll((after) => markExpiredChunk(db, after, afterSeconds));

/**
 * Deletes sessions a day after their end, in small pieces that lock nothing for long. A day is longer than the life of any
 * code: a code whose session was deleted would open it again.
 *
 * @returns how many
 */
export const deleteEnded = (db: Db): Promise<number> => changeAll((after) => deleteEndedChunk(db, after));

async function changeAll(piece: (after: KeysetPosition) => Promise<Chunk>): Promise<number> {
  let changed = 0;
  for await (const done of pagesAfter(keysetStart, (after) => withRetry(() => piece(after)))) changed += done.changed;
  return changed;
}

interface ChunkRow {
  changed: number;
  micros: string | null;
  id: string | null;
}

const toChunk = ({ changed, micros, id }: ChunkRow): Chunk => ({
  changed,
  last: micros === null || id === null ? undefined : { micros, id },
});

/** The end of a piece's statement: how many rows it has changed, and the key of the last row that it has read. */
const chunkResultSql = (changed: string, time: string) =>
  sql`SELECT (SELECT count(*) FROM ${sql.raw(changed)})::float8 AS changed, ${epochMicrosSql(`l.${time}`)} AS micros, l.sid AS id
    FROM (SELECT) one LEFT JOIN (SELECT * FROM page ORDER BY ${sql.raw(time)} DESC, sid DESC LIMIT 1) l ON true`;

async function markExpiredChunk(db: Db, after: KeysetPosition, afterSeconds: number): Promise<Chunk> {
  const { rows } = await sql<ChunkRow>`/* name: settle_expired */
    WITH page AS MATERIALIZED (SELECT s.sid, s.created_at, ${sql.raw(endsAt('s'))} AS ends_at FROM sessions s
      WHERE ${isNotEnded('s')} AND (s.created_at, s.sid) > ${toRowValue(after)}
      ORDER BY s.created_at, s.sid LIMIT ${sql.lit(pageSize.expired)}),
    target AS MATERIALIZED (SELECT s.sid FROM sessions s WHERE ${isNotEnded('s')} AND s.sid = ANY(ARRAY(SELECT p.sid
        FROM page p WHERE p.ends_at < statement_timestamp() - make_interval(secs => ${afterSeconds}::float8)))
      ORDER BY s.sid FOR NO KEY UPDATE),
    upd AS (UPDATE sessions s SET revoked_at = ${sql.raw(endsAt('s'))},
        revoke_reason = CASE WHEN s.expires_at = ${sql.raw(endsAt('s'))} THEN 'expired' ELSE 'idle_timeout' END
      FROM target t WHERE s.sid = t.sid RETURNING s.sid)
    ${chunkResultSql('upd', 'created_at')}`.execute(db);
  return toChunk(rows[0]!);
}

async function deleteEndedChunk(db: Db, after: KeysetPosition): Promise<Chunk> {
  const { rows } = await sql<ChunkRow>`/* name: delete_ended */
    WITH page AS MATERIALIZED (SELECT s.sid, s.revoked_at FROM sessions s
      WHERE s.revoked_at < statement_timestamp() - interval '1 day' AND (s.revoked_at, s.sid) > ${toRowValue(after)}
      ORDER BY s.revoked_at, s.sid LIMIT ${sql.lit(pageSize.ended)}),
    locked AS MATERIALIZED (SELECT s.sid FROM sessions s WHERE s.sid = ANY(ARRAY(SELECT p.sid FROM page p))
      ORDER BY s.sid FOR UPDATE SKIP LOCKED),
    deleted AS (DELETE FROM sessions s USING locked l WHERE s.sid = l.sid RETURNING s.sid)
    ${chunkResultSql('deleted', 'revoked_at')}`.execute(db);
  return toChunk(rows[0]!);
}
