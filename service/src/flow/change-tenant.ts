import { transact } from '../db/transaction.ts';
import type { AuditEntry } from '../domain/audit/audit.ts';
import type { Tenant, TenantChange } from '../domain/tenant/tenant.ts';
import { heardHere } from './heard-here.ts';
import type { FlowNeeds } from './needs.ts';

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

/**
 * Changes a tenant, and writes down by whom. Shorter limits hold for its live sessions, too: those whose time is over by
 * them end now, the others when it is.
 *
 * @throws tenant_unknown · invalid_request
 */
export async function changeTenant(
  needs: FlowNeeds,
  id: string,
  change: TenantChange,
  by: Pick<AuditEntry, 'addressPrefix' | 'detail'>,
): Promise<LimitedTenant> {
  const { db, tenants, tenantChanges, sessions, audit } = needs;
  const { tenant, over } = await transact(db, async ({ tx }) => {
    const changed = await tenants.change(tx, id, change);
    const shortened = await sessions.shorten(tx, changed);
    const detail = { ...by.detail, ...change, ended: shortened.length };
    await audit.record(tx, { ...by, action: 'tenant_changed', tenantId: id, detail });
    await tenants.announce(tx, id);
    return { tenant: changed, over: shortened };
  });
  if (over.length > 0) {
    await sessions.inspect(over);
    await heardHere(needs);
  }
  await tenantChanges.catchUp();
  return limitedBy(needs, tenant);
}
