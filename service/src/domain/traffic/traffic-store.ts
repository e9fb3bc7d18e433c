import { sql } from 'kysely';
import type { Db } from '../../db/schema.ts';

/** What happened since the last writing. */
export interface TrafficCounts {
  readonly rotations: number;
  readonly logins: number;
}

/** One minute of the whole cluster. */
export interface MinuteCounts extends TrafficCounts {
  readonly at: Date;
  /** Live ones, counted once within the minute; `null`: no node counted. */
  readonly sessions: number | null;
}

/** Adds to the running minute, by the database's clock. */
export async function addCounts(db: Db, { rotations, logins }: TrafficCounts): Promise<void> {
  await sql`/* name: add_to_minute */
    INSERT INTO traffic AS t (minute, rotations, logins)
    VALUES (date_trunc('minute', clock_timestamp()), ${rotations}::bigint, ${logins}::bigint)
    ON CONFLICT (minute) DO UPDATE SET rotations = t.rotations + excluded.rotations,
      logins = t.logins + excluded.logins`.execute(db);
}

/** The last `minutes` minutes with their gaps, oldest first, the running one last. */
export async function readMinutes(db: Db, minutes: number): Promise<MinuteCounts[]> {
  const { rows } = await sql<MinuteCounts>`/* name: read_minutes */
    SELECT m.at, coalesce(t.rotations, 0)::float8 AS rotations, coalesce(t.logins, 0)::float8 AS logins,
      t.sessions::float8 AS sessions
    FROM (SELECT date_trunc('minute', clock_timestamp()) AS now) c,
      LATERAL generate_series(c.now - make_interval(mins => ${minutes - 1}::int), c.now, interval '1 minute') m(at)
      LEFT JOIN traffic t ON t.minute = m.at
    ORDER BY m.at`.execute(db);
  return rows;
}

/** Whether a node has counted the live sessions of the running minute. */
export async function isSampled(db: Db): Promise<boolean> {
  const { rows } = await sql`/* name: is_sampled */
    SELECT FROM traffic WHERE minute = date_trunc('minute', clock_timestamp()) AND sessions IS NOT NULL`.execute(db);
  return rows.length > 0;
}

/** Writes how many sessions lived into the running minute. Of two nodes that count at once the later one's number stays. */
export async function writeSample(db: Db, sessions: number): Promise<void> {
  await sql`/* name: write_sample */
    INSERT INTO traffic (minute, sessions) VALUES (date_trunc('minute', clock_timestamp()), ${sessions}::bigint)
    ON CONFLICT (minute) DO UPDATE SET sessions = excluded.sessions`.execute(db);
}

export async function deleteOldMinutes(db: Db): Promise<void> {
  await sql`DELETE FROM traffic WHERE minute < clock_timestamp() - interval '1 day'`.execute(db);
}
