import { sql } from 'kysely';
import { currentEpochSql, flushedLsnSql } from '../../db/epoch.ts';
import type { Db } from '../../db/schema.ts';
import type { Revocation } from './revocation.ts';

export interface FeedPage {
  /** Changes when numbers may have been given out twice: a restored backup, a promoted replica. */
  readonly epoch: string;
  /** The server's part of it: `system_identifier.timeline`. */
  readonly server: string;
  /** The server's epoch in which sessions are judged. */
  readonly served: string;
  /** `clock_timestamp()` of the statement, in epoch ms: a sample for the estimate of the database's clock. */
  readonly timeMs: number;
  /** The greatest time that was written down, in epoch ms of the database. */
  readonly clockHighMs: number;
  /** How often signing keys were replaced because the database's clock went back. */
  readonly clockResets: number;
  /** How often numbers began anew in this database: the other part of the epoch. */
  readonly counter: number;
  /** How far the server's write-ahead log is on disk, in bytes. */
  readonly lsn: number;
  readonly head: number;
  readonly floor: number;
  /** Gapless from the cursor + 1. */
  readonly entries: readonly Revocation[];
}

/** A page with one of its entries. The columns of the entry are null where the page has none. */
type Row = Omit<FeedPage, 'entries'> & Omit<Revocation, 'seq'> & { readonly seq: number | null };

const pageSize = 5_000;

/** Head and the rows behind the cursor, in one snapshot. */
export async function readFeedPage(db: Db, cursor: number): Promise<FeedPage> {
  const { rows } = await sql<Row>`/* name: blacklist_feed */
    SELECT c.server, h.counter, c.server || '.' || h.counter AS epoch, k.served, ${sql.raw(flushedLsnSql)} AS lsn,
           (extract(epoch FROM k.clock_high) * 1000)::float8 AS "clockHighMs", k.clock_resets AS "clockResets",
           (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS "timeMs", h.seq AS head, h.floor,
           b.seq, b.sid, b.reason, b.until_ms AS "untilMs"
    FROM blacklist_head h CROSS JOIN cluster k CROSS JOIN (SELECT ${sql.raw(currentEpochSql)} AS server) c
    LEFT JOIN LATERAL (SELECT seq, sid, reason, (extract(epoch FROM expires_at) * 1000)::float8 AS until_ms
      FROM blacklist WHERE seq > ${cursor}::bigint ORDER BY seq LIMIT ${sql.lit(pageSize)}) b ON true
    ORDER BY b.seq`.execute(db);
  const [first] = rows;
  if (first === undefined) throw new Error('The table blacklist_head or cluster has lost its row.');
  const entries = rows.flatMap(({ seq, sid, reason, untilMs }) =>
    seq === null ? [] : [{ seq, sid, reason, untilMs }],
  );
  const { seq, sid, reason, untilMs, ...page } = first;
  return { ...page, entries };
}

/** Rows removed by one statement: it holds the head of the list for as long as it takes. */
const chunkSize = 5_000;

/** Deletes the longest prefix of expired rows, so that the numbers of the others have no gap. Returns their number. */
export async function deleteExpiredRevocations(db: Db): Promise<number> {
  let removed = 0;
  for (let more = true; more; ) {
    const piece = await deleteExpiredChunk(db);
    removed += piece;
    more = piece > 0;
  }
  return removed;
}

async function deleteExpiredChunk(db: Db): Promise<number> {
  const { rows } = await sql<{ removed: number }>`
    WITH piece AS MATERIALIZED (SELECT seq, expires_at FROM blacklist
      WHERE seq > (SELECT h.floor FROM blacklist_head h) ORDER BY seq LIMIT ${sql.lit(chunkSize)}),
    needed AS (SELECT coalesce(min(seq) FILTER (WHERE expires_at > clock_timestamp()), max(seq) + 1) AS seq FROM piece),
    deleted AS (DELETE FROM blacklist b USING needed WHERE b.seq < needed.seq RETURNING b.seq),
    floored AS (UPDATE blacklist_head h SET floor = greatest(h.floor, g.seq) FROM (SELECT max(seq) AS seq FROM deleted) g
      WHERE g.seq IS NOT NULL RETURNING h.floor)
    SELECT count(*) AS removed FROM deleted`.execute(db);
  return rows[0]!.removed;
}
