import type { TenantLimitsClient } from '@latchkey/sdk-server';
import type { Backend } from '../domain/backend/backend.ts';
import { toLimits, toLimitsChange } from '../socket/backend/mappers.ts';
import type { InProcessNode } from './in-process-node.ts';

/** The host itself, as the flows of backends take it: it sees every tenant. */
const host: Backend = Object.freeze<Backend>({
  id: 'host',
  name: 'host',
  tenantId: null,
  scopes: ['limits'],
  origins: [],
  createdAt: new Date(0),
  disabledAt: null,
});

/** Limits of tenants, kept by this process's own node; `unavailable` while it does not stand. */
export function createInProcessTenantLimits(hosting: Pick<InProcessNode, 'node'>): TenantLimitsClient {
  const flows = () => hosting.node().backends.flows;
  return Object.freeze<TenantLimitsClient>({
    get: async (tenantId) => toLimits(await flows().getTenantLimits(host, tenantId)),
    set: async (tenantId, change) => toLimits(await flows().setTenantLimits(host, tenantId, toLimitsChange(change))),
  });
}
