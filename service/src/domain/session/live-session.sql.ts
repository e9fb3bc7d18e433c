import { type RawBuilder, type SqlBool, sql } from 'kysely';

/**
 * The time of judgement. `clock_timestamp()` counts row by row, also after a wait for a lock: for statements that change
 * rows. `statement_timestamp()` is one moment for the whole statement: for lists and counts.
 */
type EvaluationTime = 'clock_timestamp()' | 'statement_timestamp()';

/** When a session ends by its limits: the absolute or the idle one, whichever comes first. */
export const endsAt = (table: string) => `least(${table}.expires_at, ${table}.idle_expires_at)`;

/** Condition that nothing has ended the session yet; its limits may have passed. */
export const isNotEnded = (table: string): RawBuilder<SqlBool> => sql.raw(`${table}.revoked_at IS NULL`);

/**
 * The only definition of a live session: not ended, and within its limits.
 *
 * @param table name or alias of `sessions` in the statement
 * @example
 * sql`SELECT count(*) FROM sessions s WHERE ${isLive('s', 'statement_timestamp()')}`
 */
export const isLive = (table: string, at: EvaluationTime): RawBuilder<SqlBool> =>
  sql`${isNotEnded(table)} AND ${sql.raw(`${endsAt(table)} > ${at}`)}`;
