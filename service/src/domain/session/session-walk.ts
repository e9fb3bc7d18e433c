import { sql } from 'kysely';
import { epochMicrosSql, type KeysetPosition, keysetStart, pagesAfter, toRowValue } from '../../db/keyset.ts';
import type { Db } from '../../db/schema.ts';
import { isNotEnded } from './live-session.sql.ts';

/** Rows of one page: an end holds the head of the blacklist for as long as one page takes. */
const pageSize = 500;

/** The sessions of a tenant, or those of its users who are no operators. */
export interface TenantSessions {
  readonly tenantId: string;
  readonly keepOperators?: boolean;
}

/**
 * Sessions of a tenant that have not ended, page by page, the oldest first. Each page begins behind the last row that the
 * page before has read, whatever has become of that row since. Sessions that are opened during the walk are left out, so
 * that sign-ins cannot keep it from ending. Expired sessions are included until they are ended.
 *
 * @example
 * for await (const sids of sessionsOfTenant(db, { tenantId: 'default' })) await end(sids);
 */
export async function* sessionsOfTenant(db: Db, which: TenantSessions): AsyncGenerator<readonly string[], void> {
  const last = await readNewest(db, which.tenantId);
  if (last === undefined) return;
  for await (const { rows } of pagesAfter(keysetStart, (after) => readPage(db, which, { after, last })))
    if (rows.length > 0) yield rows.map(({ id }) => id);
}

const key = sql`s.sid AS id, ${epochMicrosSql('s.created_at')} AS micros`;

async function readNewest(db: Db, tenantId: string): Promise<KeysetPosition | undefined> {
  const { rows } = await sql<KeysetPosition>`/* name: newest_of_tenant */
    SELECT ${key} FROM sessions s WHERE s.tenant_id = ${tenantId} AND ${isNotEnded('s')}
    ORDER BY s.created_at DESC, s.sid DESC LIMIT 1`.execute(db);
  return rows[0];
}

async function readPage(
  db: Db,
  { tenantId, keepOperators = false }: TenantSessions,
  { after, last }: { after: KeysetPosition; last: KeysetPosition },
): Promise<{ readonly rows: readonly KeysetPosition[]; readonly last: KeysetPosition | undefined }> {
  const { rows } = await sql<KeysetPosition>`/* name: sessions_of_tenant */
    SELECT ${key} FROM sessions s WHERE s.tenant_id = ${tenantId} AND ${isNotEnded('s')}
      AND (NOT ${keepOperators}::boolean OR NOT EXISTS (SELECT FROM users u WHERE u.id = s.uid AND u.operator))
      AND (s.created_at, s.sid) > ${toRowValue(after)} AND (s.created_at, s.sid) <= ${toRowValue(last)}
    ORDER BY s.created_at, s.sid LIMIT ${sql.lit(pageSize)}`.execute(db);
  return { rows, last: rows.at(-1) };
}
