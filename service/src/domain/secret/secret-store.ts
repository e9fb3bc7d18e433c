import { sql } from 'kysely';
import type { Db } from '../../db/schema.ts';

/**
 * A running node has these secrets now. Others are missing from the moment at which a running node sees that none has
 * shown them for a while: time in which nobody ran does not count.
 */
export async function rememberSecretKids(db: Db, kids: readonly string[], shownSeconds: number): Promise<void> {
  await sql`/* name: remember_secrets */
    WITH shown AS (INSERT INTO secrets AS s (kid) SELECT unnest(${kids}::text[]) ORDER BY 1
      ON CONFLICT (kid) DO UPDATE SET last_seen = clock_timestamp(), missing_since = NULL RETURNING s.kid)
    UPDATE secrets m SET missing_since = clock_timestamp() WHERE m.missing_since IS NULL
      AND m.last_seen < clock_timestamp() - make_interval(secs => ${shownSeconds}::float8)
      AND m.kid NOT IN (SELECT kid FROM shown)`.execute(db);
}

export async function readSecretKids(db: Db): Promise<string[]> {
  const rows = await db.selectFrom('secrets').select('kid').execute();
  return rows.map((row) => row.kid);
}

/** Forgets secrets that have been missing for so long; says how many. */
export async function forgetMissingKids(db: Db, missingSeconds: number): Promise<number> {
  const { rows } = await sql<{ kid: string }>`DELETE FROM secrets
    WHERE missing_since < clock_timestamp() - make_interval(secs => ${missingSeconds}::float8) RETURNING kid`.execute(
    db,
  );
  return rows.length;
}
