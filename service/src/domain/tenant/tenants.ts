import { fail } from '@latchkey/contract';
import type { Db } from '../../db/schema.ts';
import { isLimit, isTenantId, type NewTenant, type Tenant, type TenantLimitsChange } from './tenant.ts';
import { announceLimits, findTenant, insertTenant, updateLimits } from './tenant-store.ts';

export interface Tenants {
  /** @throws tenant_unknown */
  find(db: Db, id: string): Promise<Tenant>;
  /** @throws invalid_request · identifier_taken */
  create(db: Db, tenant: NewTenant): Promise<Tenant>;
  /** @throws tenant_unknown · invalid_request */
  setLimits(db: Db, id: string, change: TenantLimitsChange): Promise<Tenant>;
  /** Every node will hear of this transaction's change of limits; the last thing it does. */
  announce(tx: Db, id: string): Promise<void>;
}

/**
 * @example
 * const { registrationOpen } = await createTenants().find(db, 'default');
 */
export function createTenants(): Tenants {
  return Object.freeze({
    async find(db: Db, id: string) {
      const tenant = isTenantId(id) ? await findTenant(db, id) : undefined;
      if (tenant === undefined) throw fail('tenant_unknown');
      return tenant;
    },
    async create(db: Db, given: NewTenant) {
      const { id, name, registrationOpen = false, maxActiveMinutes = null, maxIdleMinutes = null } = given;
      const tenant = { id, name, registrationOpen, maxActiveMinutes, maxIdleMinutes };
      assertTenant(tenant);
      return insertTenant(db, tenant);
    },
    async setLimits(db: Db, id: string, change: TenantLimitsChange) {
      const wrong = Object.entries(change).filter(([, minutes]) => !isLimit(minutes));
      const details = wrong.map(([path]) => ({ path, message: 'Use whole minutes, at least 1.' }));
      if (details.length > 0) throw fail('invalid_request', { details });
      const tenant = await updateLimits(db, id, change);
      if (tenant === undefined) throw fail('tenant_unknown');
      return tenant;
    },
    announce: announceLimits,
  });
}

function assertTenant({ id, name, maxActiveMinutes, maxIdleMinutes }: Omit<Tenant, 'createdAt'>): void {
  const details = [
    !isTenantId(id) && { path: 'id', message: 'Use lower-case letters, digits, - and _, at most 63.' },
    (name === '' || name.length > 200 || /\p{C}/u.test(name)) && { path: 'name', message: 'Use 1 to 200 characters.' },
    !isLimit(maxActiveMinutes) && { path: 'maxActiveMinutes', message: 'Use whole minutes, at least 1.' },
    !isLimit(maxIdleMinutes) && { path: 'maxIdleMinutes', message: 'Use whole minutes, at least 1.' },
  ].filter((detail) => detail !== false);
  if (details.length > 0) throw fail('invalid_request', { details });
}
