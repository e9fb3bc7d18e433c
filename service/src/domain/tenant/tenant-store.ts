import { fail } from '@latchkey/contract';
import { type Selectable, sql } from 'kysely';
import type { Db, TenantTable } from '../../db/schema.ts';
import { decodeNameCursor, type PageRequest, type RowPage, toPage } from '../pagination.ts';
import type { Tenant, TenantUpdate } from './tenant.ts';

const columns = [
  'id',
  'name',
  'registration_open',
  'max_active_minutes',
  'max_idle_minutes',
  'code_version',
  'created_at',
] as const;

const columnList = sql.join(columns.map((column) => sql.ref(column)));

export async function findTenant(db: Db, id: string): Promise<Tenant | undefined> {
  const { rows } = await sql<TenantRow>`/* name: find_tenant */
    SELECT ${columnList} FROM tenants WHERE id = ${id}`.execute(db);
  return rows[0] && toTenant(rows[0]);
}

/** @throws identifier_taken */
export async function insertTenant(db: Db, tenant: Omit<Tenant, 'codeVersion' | 'createdAt'>): Promise<Tenant> {
  const row = await db
    .insertInto('tenants')
    .values({
      id: tenant.id,
      name: tenant.name,
      registration_open: tenant.registrationOpen,
      max_active_minutes: tenant.maxActiveMinutes,
      max_idle_minutes: tenant.maxIdleMinutes,
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returning(columns)
    .executeTakeFirst();
  if (row === undefined) throw fail('identifier_taken', { message: 'There is a tenant with this id already.' });
  return toTenant(row);
}

/** By name, those of one only when it is given. */
export async function listTenants(
  db: Db,
  request: PageRequest & { id?: string | undefined },
): Promise<RowPage<Tenant>> {
  const after = decodeNameCursor(request);
  const rows = await db
    .selectFrom('tenants')
    .select(columns)
    .$if(request.id !== undefined, (query) => query.where('id', '=', request.id!))
    .$if(after !== undefined, (query) => query.where(sql<boolean>`id COLLATE "C" > ${after}`))
    .orderBy(sql`id COLLATE "C"`)
    .limit(request.limit + 1)
    .execute();
  return toPage(rows.map(toTenant), request, ({ id }) => [id]);
}

export async function updateTenant(db: Db, id: string, change: TenantUpdate): Promise<Tenant | undefined> {
  const { maxActiveMinutes, maxIdleMinutes, name, registrationOpen } = change;
  const row = await db
    .updateTable('tenants')
    .set({
      // An update without a change still locks the row.
      id,
      ...(name === undefined ? {} : { name }),
      ...(registrationOpen === undefined ? {} : { registration_open: registrationOpen }),
      ...(maxActiveMinutes === undefined ? {} : { max_active_minutes: maxActiveMinutes }),
      ...(maxIdleMinutes === undefined ? {} : { max_idle_minutes: maxIdleMinutes }),
    })
    .where('id', '=', id)
    .returning(columns)
    .executeTakeFirst();
  return row && toTenant(row);
}

/** Codes that were made before open nothing any more. */
export async function invalidateCodes(tx: Db, id: string): Promise<void> {
  await tx.updateTable('tenants').set({ code_version: sql`code_version + 1` }).where('id', '=', id).execute();
}

/**
 * Numbers the change that this transaction makes. Its last statement: the head's row is held until the commit, so that
 * numbers appear in their order.
 */
export async function recordLimitsChange(tx: Db, id: string): Promise<void> {
  await sql`/* name: announce_limits */
    WITH head AS (UPDATE tenant_head SET seq = seq + 1 RETURNING seq)
    UPDATE tenants t SET limits_seq = head.seq FROM head WHERE t.id = ${id}`.execute(tx);
}

/** The newest number, and the tenants whose limits changed after `cursor`, in the order of the last change of each. */
export async function readLimitChanges(db: Db, cursor: number): Promise<{ head: number; tenants: Tenant[] }> {
  const { rows } = await sql<{ head: number } & Nullable<TenantRow>>`/* name: limit_changes */
    SELECT h.seq AS head, t.id, t.name, t.registration_open, t.max_active_minutes, t.max_idle_minutes, t.code_version, t.created_at
    FROM tenant_head h LEFT JOIN tenants t ON t.limits_seq > ${cursor}::bigint ORDER BY t.limits_seq`.execute(db);
  const [first] = rows;
  if (first === undefined) throw new Error('The table tenant_head has lost its row.');
  const changed = rows.filter((row) => row.id !== null) as TenantRow[];
  return { head: first.head, tenants: changed.map(toTenant) };
}

type TenantRow = Pick<Selectable<TenantTable>, (typeof columns)[number]>;
type Nullable<T> = { [K in keyof T]: T[K] | null };

function toTenant(row: TenantRow): Tenant {
  return Object.freeze({
    id: row.id,
    name: row.name,
    registrationOpen: row.registration_open,
    maxActiveMinutes: row.max_active_minutes,
    maxIdleMinutes: row.max_idle_minutes,
    codeVersion: row.code_version,
    createdAt: row.created_at,
  });
}
