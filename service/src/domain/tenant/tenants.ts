import { fail } from '@latchkey/contract';
import type { Page, PageAsked } from '../../db/page.ts';
import type { Db } from '../../db/schema.ts';
import { isLimit, isTenantId, type NewTenant, type Tenant, type TenantChange } from './tenant.ts';
import { announceLimits, findTenant, insertTenant, listTenants, outdateCodes, updateTenant } from './tenant-store.ts';

export interface Tenants {
  /** @throws tenant_unknown */
  find(db: Db, id: string): Promise<Tenant>;
  /** @throws invalid_request · identifier_taken */
  create(db: Db, tenant: NewTenant): Promise<Tenant>;
  /** @throws tenant_unknown · invalid_request */
  change(db: Db, id: string, change: TenantChange): Promise<Tenant>;
  /** A page of tenants in the order of their ids, or the one of this id. @throws invalid_request the cursor */
  list(db: Db, asked: PageAsked & { id?: string | undefined }): Promise<Page<Tenant>>;
  /** Codes of its users that were made before open nothing any more; sessions that stand by the commit are to be ended. */
  outdateCodes(tx: Db, id: string): Promise<void>;
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
    async change(db: Db, id: string, change: TenantChange) {
      assertChange(change);
      const tenant = await updateTenant(db, id, change);
      if (tenant === undefined) throw fail('tenant_unknown');
      return tenant;
    },
    list: listTenants,
    outdateCodes,
    announce: announceLimits,
  });
}

function assertTenant({ id, ...rest }: Omit<Tenant, 'codeVersion' | 'createdAt'>): void {
  const idRule = { path: 'id', message: 'Use lower-case letters, digits, - and _, at most 63.' };
  refuse([!isTenantId(id) && idRule, ...mistakes(rest)]);
}

function assertChange(change: TenantChange): void {
  refuse(mistakes(change));
}

/** What is absent is no mistake. */
function mistakes({ name, maxActiveMinutes = null, maxIdleMinutes = null }: TenantChange) {
  const isName = name === undefined || (name !== '' && name.length <= 200 && !/\p{C}/u.test(name));
  return [
    !isName && { path: 'name', message: 'Use 1 to 200 characters.' },
    !isLimit(maxActiveMinutes) && { path: 'maxActiveMinutes', message: 'Use whole minutes, at least 1.' },
    !isLimit(maxIdleMinutes) && { path: 'maxIdleMinutes', message: 'Use whole minutes, at least 1.' },
  ];
}

function refuse(found: readonly (false | { path: string; message: string })[]): void {
  const details = found.filter((detail) => detail !== false);
  if (details.length > 0) throw fail('invalid_request', { details });
}
