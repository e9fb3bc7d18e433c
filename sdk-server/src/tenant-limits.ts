import { fail } from '@latchkey/contract';
import type { TenantDoor } from './link/remote-tenants.ts';

/**
 * How long sessions of a tenant live, set from any backend with the scope `limits`. All reject with `tenant_unknown`
 * (also for another tenant than the backend's), `forbidden` without the scope, and `unavailable` without a line.
 */
export interface TenantLimitSetters {
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
   * The longest time that a person may do nothing, in whole minutes from 1 to 525,600; `null`: the service's own setting.
   * Live sessions as above.
   *
   * @throws invalid_request
   */
  setTenantMaximumInactiveSessionTimeout(tenantId: string, minutes: number | null): Promise<void>;
  /** What holds for a new session, in minutes; `null`: no limit. */
  getTenantMaximumInactiveSessionTimeoutInMins(tenantId: string): Promise<number | null>;
}

const longestMinutes = 525_600;

export function createTenantLimits(tenants: TenantDoor): TenantLimitSetters {
  return Object.freeze<TenantLimitSetters>({
    async setTenantMaximumActiveSessionTimeout(tenantId, minutes) {
      await tenants.set(idOf(tenantId), { max_active_minutes: minutesOf(minutes) });
    },
    getTenantMaximumActiveSessionTimeoutInMins: async (tenantId) => (await tenants.get(idOf(tenantId))).active_minutes,
    async setTenantMaximumInactiveSessionTimeout(tenantId, minutes) {
      await tenants.set(idOf(tenantId), { max_idle_minutes: minutesOf(minutes) });
    },
    getTenantMaximumInactiveSessionTimeoutInMins: async (tenantId) => (await tenants.get(idOf(tenantId))).idle_minutes,
  });
}

function idOf(tenantId: string): string {
  if (typeof tenantId === 'string' && tenantId !== '') return tenantId;
  throw fail('invalid_request', { details: [{ path: 'tenantId', message: 'Name the tenant by its id.' }] });
}

/** Checked here, so that `undefined` or a fraction never becomes another limit than was meant. */
function minutesOf(minutes: number | null): number | null {
  if (minutes === null) return null;
  if (Number.isInteger(minutes) && minutes >= 1 && minutes <= longestMinutes) return minutes;
  const message = `Use whole minutes from 1 to ${longestMinutes}, or null for the service's own setting.`;
  throw fail('invalid_request', { details: [{ path: 'minutes', message }] });
}
