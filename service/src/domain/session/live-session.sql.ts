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

/**
 * Columns of a {@link LiveSession} that no rotation changes: all but `sid`, `gen` and `tag`.
 *
 * @param table alias of `sessions` in the statement
 * @param provedAt SQL of the moment at which the row was proved alive
 */
export const liveColumns = (
  table: string,
  provedAt: string,
) => `${table}.uid AS "userId", ${table}.tenant_id AS "tenantId",
      ${table}.jkt, ${table}.auth_time AS "authTime", ${table}.amr, ${table}.scope, ${table}.claims,
      ${table}.idle_seconds AS "idleSeconds", ${milliseconds(provedAt)} AS "readAtMs",
      ${milliseconds(`${table}.expires_at`)} AS "expiresAtMs",
      ${milliseconds(`${table}.idle_expires_at`)} AS "idleExpiresAtMs"`;

function milliseconds(time: string): string {
  return `(extract(epoch FROM ${time}) * 1000)::float8`;
}
