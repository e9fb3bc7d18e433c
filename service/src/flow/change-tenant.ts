import { type Deadline, deadlineNow, openedBy } from '../db/deadline.ts';
import { type BoundTransaction, type Transaction, transact } from '../db/transaction.ts';
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
 * them end now, the others when it is. Setting the same limits again finishes what a node that died has left. A change
 * without limits reads no session.
 *
 * @throws tenant_unknown · invalid_request · unavailable the deadline passed; set the same limits again
 */
export async function changeTenant(
  needs: FlowNeeds,
  id: string,
  change: TenantChange,
  by: Pick<AuditEntry, 'addressPrefix' | 'detail'>,
  deadline: Deadline,
): Promise<LimitedTenant> {
  const { db, tenants, audit } = needs;
  // First: sessions of a large tenant come in pieces, and those that open meanwhile have the new limits already.
  const apply = async ({ tx, at }: BoundTransaction) => {
    const changed = await tenants.change(tx, id, change);
    await audit.record(tx, { ...by, action: 'tenant_changed', tenantId: id, detail: { ...by.detail, ...change } });
    return { tenant: changed, at };
  };
  const { tenant, at } = await transact(db, apply, { ...deadline, lock: ['tenants', id] });
  if (change.maxActiveMinutes !== undefined || change.maxIdleMinutes !== undefined)
    await applyLimits(needs, id, { by, deadline: openedBy(deadline, at) });
  return limitedBy(needs, tenant);
}

/** Shortens live sessions, and announces the limits to all nodes. */
async function applyLimits(
  needs: FlowNeeds,
  id: string,
  { by, deadline }: { by: Pick<AuditEntry, 'addressPrefix' | 'detail'>; deadline: Deadline },
): Promise<void> {
  const { db, databaseClock, tenants, tenantChanges, sessions, audit, feed } = needs;
  const ended = await sessions.shorten(id, deadline, feed.expect);
  const announce = async ({ tx }: Transaction) => {
    const detail = { ...by.detail, of: 'limits', ended };
    if (ended > 0) await audit.record(tx, { ...by, action: 'sessions_ended', tenantId: id, detail });
    await tenants.announce(tx, id);
  };
  // The walk may have taken longer than the request counts.
  await transact(db, announce, { ...deadlineNow(databaseClock), lock: ['tenants', id] });
  if (ended > 0) await heardHere(needs);
  await tenantChanges.catchUp();
}
