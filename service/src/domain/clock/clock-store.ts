import { sql } from 'kysely';
import type { Db } from '../../db/schema.ts';
import { maxHighWaterAgeMs } from './clock.ts';

/** Writes down how late it is by the database. Of nodes that come at once one writes. */
export async function raiseHighWater(db: Db): Promise<void> {
  await sql`/* name: raise_clock */ UPDATE cluster SET clock_high = clock_timestamp()
    WHERE clock_high < clock_timestamp() - make_interval(secs => ${sql.lit(maxHighWaterAgeMs / 1_000)})`.execute(db);
}

/**
 * Takes the time of the database as it is now, and lets the revocation list begin anew, so that backends learn of it.
 *
 * @param resets as they were read; false: another node was first
 */
export async function resetHighWater(tx: Db, resets: number): Promise<boolean> {
  const { rows } = await sql`UPDATE cluster SET clock_high = clock_timestamp(), clock_resets = clock_resets + 1
    WHERE clock_resets = ${resets} RETURNING clock_resets`.execute(tx);
  if (rows.length === 0) return false;
  await sql`UPDATE blacklist_head SET counter = counter + 1`.execute(tx);
  return true;
}
