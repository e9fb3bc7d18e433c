import { fail } from '@latchkey/contract';
import { transact } from '../../db/transaction.ts';
import type { Backend } from '../../domain/backend/backend.ts';
import type { Tenant, TenantLimitsChange } from '../../domain/tenant/tenant.ts';
import { heardHere } from '../heard-here.ts';
import type { FlowNeeds } from '../needs.ts';

/** A tenant with the limits that hold for a new session of it, its own or the configuration's. */
export interface LimitedTenant extends Tenant {
  readonly activeMinutes: number;
  /** `null`: none. */
  readonly idleMinutes: number | null;
}

export function limitedBy({ config }: Pick<FlowNeeds, 'config'>, tenant: Tenant): LimitedTenant {
  const { maxActiveMinutes, maxIdleMinutes } = tenant;
  const { tokenExpiresInMins, idleTimeoutInMins = null } = config;
  return {
    ...tenant,
    activeMinutes: maxActiveMinutes ?? tokenExpiresInMins,
    idleMinutes: maxIdleMinutes ?? idleTimeoutInMins,
  };
}

/** @throws tenant_unknown there is none, or it is not the backend's */
export async function tenantOf(needs: FlowNeeds, backend: Backend, id: string): Promise<LimitedTenant> {
  if (backend.tenantId !== null && backend.tenantId !== id) throw fail('tenant_unknown');
  return limitedBy(needs, await needs.tenants.find(needs.db, id));
}

/**
 * New limits of a tenant. Shorter ones hold for its live sessions, too: those whose time is over by them end now, the
 * others when it is.
 *
 * @throws tenant_unknown · invalid_request
 */
export async function setTenantLimits(
  needs: FlowNeeds,
  backend: Backend,
  id: string,
  change: TenantLimitsChange,
): Promise<LimitedTenant> {
  const { db, tenants, tenantChanges, sessions, audit, onError } = needs;
  await tenantOf(needs, backend, id);
  const { tenant, over } = await transact(db, async ({ tx }) => {
    const changed = await tenants.setLimits(tx, id, change);
    const shortened = await sessions.shorten(tx, changed);
    await tenants.announce(tx, id);
    return { tenant: changed, over: shortened };
  });
  if (over.length > 0) {
    await sessions.inspect(over);
    await heardHere(needs);
  }
  await tenantChanges.catchUp();
  const { maxActiveMinutes, maxIdleMinutes } = tenant;
  const detail = { backend: backend.id, maxActiveMinutes, maxIdleMinutes, ended: over.length };
  await audit.record(db, { action: 'tenant_changed', tenantId: id, detail }).catch(onError);
  return limitedBy(needs, tenant);
}
