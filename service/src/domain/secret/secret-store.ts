import { sql } from 'kysely';
import type { Db } from '../../db/schema.ts';

/**
 * Records that a running node has these secrets. The absence of another secret counts from the time at which a running
 * node notices it. Time without a running node does not count: the first node after it restarts that time.
 */
export async function recordSecretKids(db: Db, kids: readonly string[], activeSeconds: number): Promise<void> {
  await sql`/* name: remember_secrets */
    WITH pause AS MATERIALIZED (SELECT clock_timestamp() - max(last_seen) AS length FROM secrets),
    limits AS (SELECT make_interval(secs => ${activeSeconds}::float8) AS silence),
    shown AS (INSERT INTO secrets AS s (kid) SELECT unnest(${kids}::text[]) ORDER BY 1
      ON CONFLICT (kid) DO UPDATE SET last_seen = clock_timestamp(), missing_since = NULL RETURNING s.kid)
    UPDATE secrets m SET missing_since = least(clock_timestamp(), coalesce(m.missing_since + p.length, clock_timestamp()))
    FROM pause p, limits l WHERE m.kid NOT IN (SELECT kid FROM shown)
      AND CASE WHEN m.missing_since IS NULL THEN m.last_seen < clock_timestamp() - l.silence
        ELSE p.length > l.silence END`.execute(db);
}

export async function readSecretKids(db: Db): Promise<string[]> {
  const rows = await db.selectFrom('secrets').select('kid').execute();
  return rows.map((row) => row.kid);
}

/**
 * Kids of the secrets that the nodes have which run now, or that ran last. A node shows its kids each five minutes.
 *
 * @param shownSeconds how much older than the newest one a kid may be
 */
export async function readActiveKids(db: Db, shownSeconds: number): Promise<string[]> {
  const { rows } = await sql<{ kid: string }>`
    SELECT kid FROM secrets WHERE last_seen > (SELECT max(last_seen) FROM secrets)
      - make_interval(secs => ${shownSeconds}::float8) ORDER BY kid`.execute(db);
  return rows.map((row) => row.kid);
}

/** Whether nodes have this secret, or had it when the last of them stopped. */
export async function isKidActive(db: Db, kid: string): Promise<boolean> {
  const shown = db.selectFrom('secrets').select('kid').where('kid', '=', kid).where('missing_since', 'is', null);
  return (await shown.executeTakeFirst()) !== undefined;
}

/** Deletes the kids of secrets that have been missing for so long. Returns how many. */
export async function deleteMissingKids(db: Db, missingSeconds: number): Promise<number> {
  const { rows } = await sql<{ kid: string }>`DELETE FROM secrets
    WHERE missing_since < clock_timestamp() - make_interval(secs => ${missingSeconds}::float8) RETURNING kid`.execute(
    db,
  );
  return rows.length;
}
