import { backendPushes, type TenantLimits } from '@latchkey/contract';
import { tenantChange, tenantLimits } from './answers.ts';
import type { ServiceConnection } from './connection.ts';

/** What is absent stays as it is; `null`: the service's own setting. */
export interface TenantLimitsChange {
  readonly max_active_minutes?: number | null;
  readonly max_idle_minutes?: number | null;
}

/** Limits of tenants, wherever they are kept. */
export interface TenantDoor {
  /** @throws tenant_unknown · forbidden · unavailable */
  get(tenantId: string): Promise<TenantLimits>;
  /** @throws tenant_unknown · invalid_request · forbidden · unavailable */
  set(tenantId: string, change: TenantLimitsChange): Promise<TenantLimits>;
}

type TenantChangedListener = (tenantId: string | undefined) => void;

interface RemoteTenants extends TenantDoor {
  /** Hears of each tenant whose limits were changed; `undefined`: perhaps any, for there was no line. */
  onChanged(listener: TenantChangedListener): () => void;
  /** The number of the last change, as a subscription answers it. */
  subscribed(seq: number): void;
}

/** Tenants of the service, over the link. */
export function createRemoteTenants({
  connection,
}: {
  connection: Pick<ServiceConnection, 'call' | 'on'>;
}): RemoteTenants {
  const listeners = new Set<TenantChangedListener>();
  let known: number | undefined;

  function tell(tenantId: string | undefined): void {
    for (const listener of [...listeners]) listener(tenantId);
  }

  connection.on(backendPushes.tenantChanged, (payload) => {
    const change = tenantChange.safeParse(payload);
    tell(change.success ? change.data.tenant_id : undefined);
  });

  return Object.freeze<RemoteTenants>({
    get: (tenantId) => connection.call('tenant_get', { tenant_id: tenantId }, tenantLimits),
    set: (tenantId, change) => connection.call('tenant_set', { tenant_id: tenantId, ...change }, tenantLimits),
    onChanged(listener) {
      const entry: TenantChangedListener = (tenantId) => listener(tenantId);
      listeners.add(entry);
      return () => void listeners.delete(entry);
    },
    subscribed(seq) {
      const isMissing = known !== undefined && known !== seq;
      known = seq;
      if (isMissing) tell(undefined);
    },
  });
}
