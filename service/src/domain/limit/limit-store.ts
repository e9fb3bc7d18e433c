import { sql } from 'kysely';
import { pagesAfter } from '../../db/keyset.ts';
import type { Database } from '../../db/types.ts';

const pageSize = 5_000;

/**
 * Removes windows that have ended, and those from which every point was given back, page by page in the order of their keys:
 * no index leads to them, since it would have to be written with each count. Times of this table are those of the nodes'
 * clocks; a day of patience covers any of them.
 */
export async function deleteExpiredLimits({ db }: Pick<Database, 'db'>): Promise<number> {
  let removed = 0;
  for await (const page of pagesAfter('', (after) => deleteExpiredPage(db, after))) removed += page.removed;
  return removed;
}

interface DeletedPage {
  readonly removed: number;
  /** The last key that was read; `null`: there are no more. */
  readonly last: string | null;
}

async function deleteExpiredPage(db: Database['db'], after: string): Promise<DeletedPage> {
  const { rows } = await sql<DeletedPage>`
    WITH page AS MATERIALIZED (SELECT key, expire, points FROM rate_limits WHERE key > ${after}
      ORDER BY key LIMIT ${sql.lit(pageSize)}),
    deleted AS (DELETE FROM rate_limits r USING page p WHERE r.key = p.key
      AND (r.expire < (extract(epoch FROM now() - interval '1 day') * 1000)::bigint OR r.points <= 0) RETURNING r.key)
    SELECT (SELECT count(*) FROM deleted)::float8 AS removed, (SELECT max(p.key) FROM page p) AS last`.execute(db);
  return rows[0]!;
}
