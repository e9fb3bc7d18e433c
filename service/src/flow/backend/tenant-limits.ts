import { fail } from '@latchkey/contract';
import { deadlineNow } from '../../db/deadline.ts';
import type { Backend } from '../../domain/backend/backend.ts';
import type { TenantLimitsUpdate } from '../../domain/tenant/tenant.ts';
import {
  changeTenant,
  type TenantChangeContext,
  type TenantWithLimits,
  withEffectiveLimits,
} from '../change-tenant.ts';
import type { FlowContext } from '../context.ts';

/** @throws tenant_unknown there is none, or it is not the backend's */
export async function getTenantLimits(
  context: Pick<FlowContext, 'config' | 'db' | 'tenants'>,
  backend: Backend,
  id: string,
): Promise<TenantWithLimits> {
  if (backend.tenantId !== null && backend.tenantId !== id) throw fail('tenant_unknown');
  return withEffectiveLimits(context, await context.tenants.find(context.db, id));
}

/**
 * Sets the limits of a tenant. Shorter ones apply to its live sessions, too: those that have expired by them end now, the
 * others later.
 *
 * @throws tenant_unknown · invalid_request
 */
export async function setTenantLimits(
  context: TenantChangeContext,
  backend: Backend,
  id: string,
  change: TenantLimitsUpdate,
): Promise<TenantWithLimits> {
  const deadline = deadlineNow(context.databaseClock);
  await getTenantLimits(context, backend, id);
  return changeTenant(context, id, change, { detail: { backend: backend.id } }, deadline);
}

/** Calls `listener` when a tenant's limits were changed, on any node. Returns the function that removes it. */
export function onTenantChanged(
  context: Pick<FlowContext, 'config' | 'tenantChanges'>,
  listener: (tenant: TenantWithLimits) => void,
): () => void {
  return context.tenantChanges.onChange((tenant) => listener(withEffectiveLimits(context, tenant)));
}

/** Number of the last such change. */
export function tenantsSeq({ tenantChanges }: Pick<FlowContext, 'tenantChanges'>): number {
  return tenantChanges.seq();
}
