import { backendPushes, type TenantLimits, type TenantLimitsPatch } from '@latchkey/contract';
import { tenantChangeSchema } from '@latchkey/contract/schemas';
import { createListeners } from '@latchkey/core/internal';
import type { ServiceConnection } from './connection.ts';

/** Reads and sets the limits of tenants. */
export interface TenantLimitsClient {
  /** @throws tenant_unknown · forbidden · unavailable */
  get(tenantId: string): Promise<TenantLimits>;
  /** @throws tenant_unknown · invalid_request · forbidden · unavailable */
  set(tenantId: string, change: TenantLimitsPatch): Promise<TenantLimits>;
}

/** Reads and sets the limits of tenants at the service, over the connection. */
export function createRemoteTenantLimits({ connection }: { connection: Pick<ServiceConnection, 'call' | 'on'> }) {
  const listeners = createListeners<[tenantId: string | undefined]>();
  let known: number | undefined;

  connection.on(backendPushes.tenantChanged, (payload) => {
    const change = tenantChangeSchema.safeParse(payload);
    listeners.emit(change.success ? change.data.tenant_id : undefined);
  });

  const client: TenantLimitsClient = {
    get: (tenantId) => connection.call('tenant_get', { tenant_id: tenantId }),
    set: (tenantId, change) => connection.call('tenant_set', { tenant_id: tenantId, ...change }),
  };
  return Object.freeze({
    client,
    /** The listener gets each tenant whose limits were changed; `undefined`: perhaps any, while the connection was lost. */
    onChanged: listeners.add,
    /** The number of the last change, as a subscription answers it. */
    checkSequence(seq: number) {
      const isMissing = known !== undefined && known !== seq;
      known = seq;
      if (isMissing) listeners.emit(undefined);
    },
  });
}
