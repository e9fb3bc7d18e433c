import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../../db/schema.ts';

/** Rows of one page: an end holds the head of the blacklist for as long as one page takes. */
const pageSize = 500;

/** Keyset: where a row comes in the order of creation. */
interface Key {
  /** Microseconds of the epoch, as text: a `Date` would lose digits. */
  readonly micros: string;
  readonly sid: string;
}

const beforeAll: Key = { micros: '0', sid: '00000000-0000-0000-0000-000000000000' };

/**
 * Sessions of a tenant that have not ended, page by page, the oldest first. Each page begins behind the last row that the
 * page before has read, whatever has become of that row since. Sessions that are opened during the walk are left out, so
 * that sign-ins cannot keep it from ending. Expired sessions are included until they are ended.
 *
 * @example
 * for await (const sids of sessionsOfTenant(db, 'default')) await end(sids);
 */
export async function* sessionsOfTenant(db: Db, tenantId: string): AsyncGenerator<readonly string[], void> {
  const last = await readNewest(db, tenantId);
  if (last === undefined) return;
  for (let after: Key | undefined = beforeAll; after !== undefined; ) {
    const page: Key[] = await readPage(db, tenantId, { after, last });
    if (page.length > 0) yield page.map(({ sid }) => sid);
    after = page.at(-1);
  }
}

const micros = sql`(extract(epoch FROM s.created_at) * 1000000)::bigint::text AS micros`;
const place = (key: Key): RawBuilder<unknown> =>
  sql`(timestamptz 'epoch' + ${key.micros}::bigint * interval '1 microsecond', ${key.sid}::uuid)`;

async function readNewest(db: Db, tenantId: string): Promise<Key | undefined> {
  const { rows } = await sql<Key>`/* name: newest_of_tenant */
    SELECT s.sid, ${micros} FROM sessions s WHERE s.tenant_id = ${tenantId} AND s.revoked_at IS NULL
    ORDER BY s.created_at DESC, s.sid DESC LIMIT 1`.execute(db);
  return rows[0];
}

async function readPage(db: Db, tenantId: string, { after, last }: { after: Key; last: Key }): Promise<Key[]> {
  const { rows } = await sql<Key>`/* name: sessions_of_tenant */
    SELECT s.sid, ${micros} FROM sessions s WHERE s.tenant_id = ${tenantId} AND s.revoked_at IS NULL
      AND (s.created_at, s.sid) > ${place(after)} AND (s.created_at, s.sid) <= ${place(last)}
    ORDER BY s.created_at, s.sid LIMIT ${sql.lit(pageSize)}`.execute(db);
  return rows;
}
