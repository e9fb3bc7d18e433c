import { fail } from '@latchkey/contract';
import type { Db } from '../../db/schema.ts';
import { isTenantId, isValidLimit, type NewTenant, type Tenant, type TenantUpdate } from './tenant.ts';
import {
  findTenant,
  insertTenant,
  invalidateTenantCodes,
  listTenants,
  recordLimitsChange,
  updateTenant,
} from './tenant-store.ts';

export type Tenants = ReturnType<typeof createTenants>;

/**
 * @example
 * const { registrationOpen } = await createTenants().find(db, 'default');
 */
export function createTenants() {
  return Object.freeze({
    /** @throws tenant_unknown */
    async find(db: Db, id: string) {
      const tenant = isTenantId(id) ? await findTenant(db, id) : undefined;
      if (tenant === undefined) throw fail('tenant_unknown');
      return tenant;
    },
    /** @throws invalid_request · identifier_taken */
    async create(db: Db, given: NewTenant) {
      const { id, name, registrationOpen = false, maxActiveMinutes = null, maxIdleMinutes = null } = given;
      const tenant = { id, name, registrationOpen, maxActiveMinutes, maxIdleMinutes };
      assertTenant(tenant);
      return insertTenant(db, tenant);
    },
    /** @throws tenant_unknown · invalid_request */
    async update(db: Db, id: string, change: TenantUpdate) {
      assertChange(change);
      const tenant = await updateTenant(db, id, change);
      if (tenant === undefined) throw fail('tenant_unknown');
      return tenant;
    },
    /** A page of tenants in the order of their ids, or the one of this id. @throws invalid_request the cursor */
    list: listTenants,
    /** Invalidates existing codes of its users. The caller ends the sessions that exist at the commit. */
    invalidateCodes: invalidateTenantCodes,
    /** Numbers this transaction's change of limits for all nodes. Has to be its last statement. */
    recordLimitsChange,
  });
}

function assertTenant({ id, ...rest }: Omit<Tenant, 'codeVersion' | 'createdAt'>): void {
  const idRule = { path: 'id', message: 'Use lower-case letters, digits, - and _, at most 63.' };
  assertNone([!isTenantId(id) && idRule, ...findInvalidFields(rest)]);
}

function assertChange(change: TenantUpdate): void {
  assertNone(findInvalidFields(change));
}

/** What is absent is no mistake. */
function findInvalidFields({ name, maxActiveMinutes = null, maxIdleMinutes = null }: TenantUpdate) {
  const isName = name === undefined || (name !== '' && name.length <= 200 && !/\p{C}/u.test(name));
  return [
    !isName && { path: 'name', message: 'Use 1 to 200 characters.' },
    !isValidLimit(maxActiveMinutes) && { path: 'maxActiveMinutes', message: 'Use whole minutes, at least 1.' },
    !isValidLimit(maxIdleMinutes) && { path: 'maxIdleMinutes', message: 'Use whole minutes, at least 1.' },
  ];
}

function assertNone(found: readonly (false | { path: string; message: string })[]): void {
  const details = found.filter((detail) => detail !== false);
  if (details.length > 0) throw fail('invalid_request', { details });
}
