import { fail } from '@latchkey/contract';
import type { TenantLimitsClient } from './client/remote-tenant-limits.ts';

/**
 * How long sessions of a tenant live, set from any backend with the scope `limits`. All reject with `tenant_unknown`
 * (also for another tenant than the backend's), `forbidden` without the scope, and `unavailable` without a
 * connection to the service.
 */
export interface TenantLimitsApi {
  /**
   * The longest life of a session, in whole minutes from 1 to 525,600; `null`: the service's own setting. A shorter one
   * shortens live sessions, on all nodes and backends, within about a second; a longer one leaves them.
   *
   * @throws invalid_request
   * @example
   * await latchkey.setTenantMaximumActiveSessionTimeout('acme', 60);
   */
  setTenantMaximumActiveSessionTimeout(tenantId: string, minutes: number | null): Promise<void>;
  /** What holds for a new session, in minutes: the tenant's own, or the service's (720 by default). */
  getTenantMaximumActiveSessionTimeoutInMins(tenantId: string): Promise<number>;
  /**
   * Sets the maximum time without activity of a user, in whole minutes from 1 to 525,600. `null`: the service's own
   * setting. Applies to live sessions too.
   *
   * @throws invalid_request
   */
  setTenantMaximumInactiveSessionTimeout(tenantId: string, minutes: number | null): Promise<void>;
  /** What holds for a new session, in minutes; `null`: no limit. */
  getTenantMaximumInactiveSessionTimeoutInMins(tenantId: string): Promise<number | null>;
}

const maxMinutes = 525_600;

export function createTenantLimitsApi(tenants: TenantLimitsClient): TenantLimitsApi {
  return Object.freeze<TenantLimitsApi>({
    async setTenantMaximumActiveSessionTimeout(tenantId, minutes) {
      await tenants.set(assertTenantId(tenantId), { max_active_minutes: assertMinutes(minutes) });
    },
    getTenantMaximumActiveSessionTimeoutInMins: async (tenantId) =>
      (await tenants.get(assertTenantId(tenantId))).active_minutes,
    async setTenantMaximumInactiveSessionTimeout(tenantId, minutes) {
      await tenants.set(assertTenantId(tenantId), { max_idle_minutes: assertMinutes(minutes) });
    },
    getTenantMaximumInactiveSessionTimeoutInMins: async (tenantId) =>
      (await tenants.get(assertTenantId(tenantId))).idle_minutes,
  });
}

function assertTenantId(tenantId: string): string {
  if (typeof tenantId === 'string' && tenantId !== '') return tenantId;
  throw fail('invalid_request', { details: [{ path: 'tenantId', message: 'Name the tenant by its id.' }] });
}

/** Checked here, so that `undefined` or a fraction never becomes another limit than was meant. */
function assertMinutes(minutes: number | null): number | null {
  if (minutes === null) return null;
  if (Number.isInteger(minutes) && minutes >= 1 && minutes <= maxMinutes) return minutes;
  const message = `Use whole minutes from 1 to ${maxMinutes}, or null for the service's own setting.`;
  throw fail('invalid_request', { details: [{ path: 'minutes', message }] });
}
