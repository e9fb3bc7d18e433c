import { sql } from 'kysely';
import type { Database } from '../../db/database.ts';

/**
 * Removes windows that have ended, and those from which every point was given back. Times of this table are those of
 * the nodes' clocks; a day of patience covers any of them.
 */
export async function disposeLimits({ db }: Pick<Database, 'db'>): Promise<number> {
  const { rows } = await sql<{ key: string }>`DELETE FROM rate_limits
    WHERE expire < (extract(epoch FROM now() - interval '1 day') * 1000)::bigint OR points <= 0 RETURNING key`.execute(
    db,
  );
  return rows.length;
}
