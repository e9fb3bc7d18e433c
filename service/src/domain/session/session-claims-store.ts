import { sql } from 'kysely';
import type { Db } from '../../db/schema.ts';
import { isLive } from './live-session.sql.ts';

const live = isLive('s', 'clock_timestamp()');

/** Puts these claims into every live session of a user whose claims are others; says which. */
export async function replaceClaims(
  db: Db,
  userId: string,
  claims: Readonly<Record<string, unknown>>,
): Promise<string[]> {
  const { rows } = await sql<{ sid: string }>`/* name: replace_claims */
    WITH target AS MATERIALIZED (SELECT s.sid FROM sessions s WHERE s.uid = ${userId}::uuid AND ${live} AND s.claims IS DISTINCT FROM ${JSON.stringify(claims)}::jsonb
      ORDER BY s.sid FOR NO KEY UPDATE OF s)
    UPDATE sessions s SET claims = ${JSON.stringify(claims)}::jsonb FROM target t WHERE s.sid = t.sid
    RETURNING s.sid`.execute(db);
  return rows.map(({ sid }) => sid);
}
