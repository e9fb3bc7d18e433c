import { fail } from '@latchkey/contract';
import type { Selectable } from 'kysely';
import type { Db, TenantTable } from '../../db/schema.ts';
import type { Tenant, TenantLimitsChange } from './tenant.ts';

const columns = ['id', 'name', 'registration_open', 'max_active_minutes', 'max_idle_minutes', 'created_at'] as const;

export async function findTenant(db: Db, id: string): Promise<Tenant | undefined> {
  const row = await db.selectFrom('tenants').select(columns).where('id', '=', id).executeTakeFirst();
  return row && toTenant(row);
}

/** @throws identifier_taken */
export async function insertTenant(db: Db, tenant: Omit<Tenant, 'createdAt'>): Promise<Tenant> {
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

export async function updateLimits(db: Db, id: string, change: TenantLimitsChange): Promise<Tenant | undefined> {
  const { maxActiveMinutes, maxIdleMinutes } = change;
  const row = await db
    .updateTable('tenants')
    .set({
      // An update without a change still locks the row.
      id,
      ...(maxActiveMinutes === undefined ? {} : { max_active_minutes: maxActiveMinutes }),
      ...(maxIdleMinutes === undefined ? {} : { max_idle_minutes: maxIdleMinutes }),
    })
    .where('id', '=', id)
    .returning(columns)
    .executeTakeFirst();
  return row && toTenant(row);
}

function toTenant(row: Selectable<TenantTable>): Tenant {
  return Object.freeze({
    id: row.id,
    name: row.name,
    registrationOpen: row.registration_open,
    maxActiveMinutes: row.max_active_minutes,
    maxIdleMinutes: row.max_idle_minutes,
    createdAt: row.created_at,
  });
}
