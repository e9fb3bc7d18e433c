import { sql } from 'kysely';
import type { Db } from '../../../db/schema.ts';

/** The expression of the index `users_by_hash_cost`: a hash without its salt and the hash itself. */
const cost = sql`substring(password_hash from ${sql.lit(String.raw`^(\$2[aby]\$[0-9]{2}|\$.*(?=\$[^$]*\$[^$]*$))`)})`;

const maxCosts = 64;

/** One stored hash of each cost that accounts have, read by jumps through the index. */
export async function readPresentHashes(db: Db): Promise<readonly string[]> {
  const { rows } = await sql<{ hash: string }>`/* name: read_present_hashes */
    WITH RECURSIVE present AS (
      (SELECT ${cost} AS cost, password_hash FROM users WHERE ${cost} IS NOT NULL ORDER BY ${cost} LIMIT 1)
      UNION ALL
      SELECT following.cost, following.password_hash FROM present, LATERAL (
        SELECT ${cost} AS cost, password_hash FROM users WHERE ${cost} > present.cost ORDER BY ${cost} LIMIT 1) following)
    SELECT password_hash AS hash FROM present LIMIT ${sql.lit(maxCosts)}`.execute(db);
  return rows.map(({ hash }) => hash);
}
