/**
 * Columns of a {@link LiveSession} that no rotation changes: all but `sid`, `gen` and `tag`. The module that rotates tokens
 * reads them as well.
 *
 * @param table alias of `sessions` in the statement
 * @param provedAt SQL of the moment at which the row was proved alive
 */
export type LiveColumns = (table: string, provedAt: string) => string;

export const liveColumns: LiveColumns = (
  table,
  provedAt,
) => `${table}.uid AS "userId", ${table}.tenant_id AS "tenantId",
      ${table}.jkt, ${table}.auth_time AS "authTime", ${table}.amr, ${table}.scope, ${table}.claims,
      ${table}.idle_seconds AS "idleSeconds", ${milliseconds(provedAt)} AS "readAtMs",
      ${milliseconds(`${table}.expires_at`)} AS "expiresAtMs",
      ${milliseconds(`${table}.idle_expires_at`)} AS "idleExpiresAtMs"`;

function milliseconds(time: string): string {
  return `(extract(epoch FROM ${time}) * 1000)::float8`;
}
