import { isDeepStrictEqual } from 'node:util';
import type { EndReason } from '@latchkey/contract';
import { type Deadline, deadlineNow, forCreatedBefore } from '../db/deadline.ts';
import { type TimedTransaction, type Transaction, withTransaction } from '../db/transaction.ts';
import type { AuditEntry } from '../domain/audit/audit.ts';
import type { TenantSessions } from '../domain/session/session-walk.ts';
import type { Tenant, TenantUpdate } from '../domain/tenant/tenant.ts';
import { awaitRevocations } from './await-revocations.ts';
import type { FlowContext } from './context.ts';

/** What a change of a tenant needs. */
export type TenantChangeContext = Pick<
  FlowContext,
  | 'audit'
  | 'clock'
  | 'config'
  | 'databaseClock'
  | 'db'
  | 'feed'
  | 'operators'
  | 'sessions'
  | 'tenantChanges'
  | 'tenants'
>;

/** A tenant with the limits that hold for a new session of it, its own or the configuration's. */
export interface TenantWithLimits extends Tenant {
  readonly activeMinutes: number;
  /** `null`: none. */
  readonly idleMinutes: number | null;
}

export function withEffectiveLimits({ config }: Pick<FlowContext, 'config'>, tenant: Tenant): TenantWithLimits {
  const { maxActiveMinutes, maxIdleMinutes } = tenant;
  const { tokenExpiresInMins, idleTimeoutInMins = null } = config;
  return {
    ...tenant,
    activeMinutes: maxActiveMinutes ?? tokenExpiresInMins,
    idleMinutes: maxIdleMinutes ?? idleTimeoutInMins,
  };
}

/**
 * Changes a tenant, and writes down by whom. Shorter limits apply to its live sessions, too: those that have expired
 * by them end now, the others later. Setting the same limits again finishes what a node that died has left. A change
 * without limits reads no session. Disabling a tenant ends its sessions and codes, and setting it again finishes that as well.
 *
 * @throws tenant_unknown · invalid_request · forbidden the tenant to be disabled has the last operator · unavailable the
 * deadline passed; set the same again
 */
export async function changeTenant(
  context: TenantChangeContext,
  id: string,
  change: TenantUpdate,
  by: Pick<AuditEntry, 'addressPrefix' | 'detail'>,
  deadline: Deadline,
): Promise<TenantWithLimits> {
  const { db, tenants, audit } = context;
  // First: sessions of a large tenant come in pieces, and those that open meanwhile have the new limits already.
  const apply = async ({ tx, lockedAtMs }: TimedTransaction) => {
    const before = await tenants.find(tx, id);
    const changed = await tenants.update(tx, id, change);
    if (change.disabled) await invalidateTenant(context, tx, id);
    const differences = findDifferences(change, before, changed);
    const detail = { ...by.detail, ...toDetail(differences) };
    if (Object.keys(differences).length > 0)
      await audit.record(tx, { ...by, action: 'tenant_changed', tenantId: id, detail });
    return { tenant: changed, at: lockedAtMs };
  };
  const { tenant, at } = await withTransaction(db, apply, { ...deadline, lock: ['tenants', id] });
  const before = forCreatedBefore(deadline, at);
  if (change.disabled) await endSessionsOfTenant(context, { tenantId: id }, 'tenant_disabled', before);
  if (change.maxActiveMinutes !== undefined || change.maxIdleMinutes !== undefined)
    await applyLimits(context, id, { by, deadline: before });
  return withEffectiveLimits(context, tenant);
}

async function invalidateTenant(
  { operators, tenants }: Pick<FlowContext, 'operators' | 'tenants'>,
  tx: Transaction['tx'],
  id: string,
): Promise<void> {
  await operators.assertOperatorElsewhere(tx, id);
  await tenants.invalidateCodes(tx, id);
}

/** Ends the sessions of a tenant, after the commit that made its codes invalid. Returns how many. @throws unavailable */
export async function endSessionsOfTenant(
  context: Pick<FlowContext, 'clock' | 'db' | 'feed' | 'sessions'>,
  which: TenantSessions,
  reason: EndReason,
  deadline: Deadline,
): Promise<number> {
  const ended = await context.sessions.endTenant(context.db, which, reason, deadline, context.feed.expect);
  if (ended > 0) await awaitRevocations(context);
  return ended;
}

/** What the change has altered. */
function findDifferences(change: TenantUpdate, before: Tenant, after: Tenant): TenantUpdate {
  const read = ({ disabledAt, ...tenant }: Tenant) => ({ ...tenant, disabled: disabledAt !== null });
  const [old, current] = [read(before), read(after)];
  const isAltered = (name: string) =>
    !isDeepStrictEqual(old[name as keyof TenantUpdate], current[name as keyof TenantUpdate]);
  return Object.fromEntries(Object.entries(change).filter(([name]) => isAltered(name)));
}

/** A row of the audit has no lists. */
function toDetail({ allowedDomains, ...change }: TenantUpdate): AuditEntry['detail'] {
  return { ...change, ...(allowedDomains === undefined ? {} : { allowedDomains: allowedDomains.join(' ') }) };
}

/** Shortens live sessions, and announces the limits to all nodes. */
async function applyLimits(
  context: Omit<TenantChangeContext, 'config'>,
  id: string,
  { by, deadline }: { by: Pick<AuditEntry, 'addressPrefix' | 'detail'>; deadline: Deadline },
): Promise<void> {
  const { db, databaseClock, tenants, tenantChanges, sessions, audit, feed } = context;
  const ended = await sessions.applyTenantLimits(id, deadline, feed.expect);
  const announce = async ({ tx }: Transaction) => {
    const detail = { ...by.detail, of: 'limits', ended };
    if (ended > 0) await audit.record(tx, { ...by, action: 'sessions_ended', tenantId: id, detail });
    await tenants.recordLimitsChange(tx, id);
  };
  // The walk may have taken longer than the request counts.
  await withTransaction(db, announce, { ...deadlineNow(databaseClock), lock: ['tenants', id] });
  if (ended > 0) await awaitRevocations(context);
  await tenantChanges.catchUp();
}
