import { type RawBuilder, sql } from 'kysely';

/**
 * The columns of a query builder, for a raw statement.
 *
 * @param columns names, or names with the member of the row: `tenant_id as tenantId`
 * @param table alias of the table in the statement. Default: none
 * @example
 * sql`SELECT ${columnsSql(['id', 'tenant_id as tenantId'], 'u')} FROM users u` // u.id, u.tenant_id AS "tenantId"
 */
export function columnsSql(columns: readonly string[], table?: string): RawBuilder<unknown> {
  const prefix = table === undefined ? '' : `${table}.`;
  return sql.raw(columns.map((column) => prefix + column.replace(/ as (\w+)$/, ' AS "$1"')).join(', '));
}
