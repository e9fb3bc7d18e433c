import { fail } from '@latchkey/contract';
import { deadlineNow } from '../../db/deadline.ts';
import type { Backend } from '../../domain/backend/backend.ts';
import type { TenantLimitsChange } from '../../domain/tenant/tenant.ts';
import { changeTenant, type LimitedTenant, limitedBy } from '../change-tenant.ts';
import type { FlowNeeds } from '../needs.ts';

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
  const deadline = deadlineNow(needs.databaseClock);
  await tenantOf(needs, backend, id);
  return changeTenant(needs, id, change, { detail: { backend: backend.id } }, deadline);
}
