import type { Ended, Introspection, LogoutScope } from '@latchkey/contract';
import type { AccessGrant, ExchangeRequest, Grant, Liveness } from '@latchkey/sdk-server';
import type { Backend } from '../../domain/backend/backend.ts';
import type { Whereabouts } from '../../domain/presence/presence.ts';
import type { TenantLimitsChange } from '../../domain/tenant/tenant.ts';
import { type LimitedTenant, limitedBy } from '../change-tenant.ts';
import type { FlowNeeds } from '../needs.ts';
import { introspect } from './introspect.ts';
import * as relay from './relay.ts';
import { setTenantLimits, tenantOf } from './tenant-limits.ts';

/** What a backend may ask for. Another tenant's sessions are to it as if they were not there. */
export interface BackendFlows {
  /** Whoever connects with this secret. @throws unauthenticated */
  check(id: string, secret: string): Promise<Backend>;
  /** The backend as it stands now; `undefined`: removed or disabled. */
  find(id: string): Promise<Backend | undefined>;
  exchange(backend: Backend, request: ExchangeRequest): Promise<Grant>;
  confirm(backend: Backend, sid: string, generation: number): Promise<void>;
  refresh(backend: Backend, sid: string): Promise<AccessGrant>;
  logout(backend: Backend, sid: string, scope: LogoutScope): Promise<Ended>;
  inspect(backend: Backend, sids: readonly string[]): Promise<readonly Liveness[]>;
  activity(backend: Backend, sids: readonly string[]): Promise<void>;
  /** Those of the sessions that the backend may speak of. */
  own(backend: Backend, sids: readonly string[]): Promise<ReadonlySet<string>>;
  /** RFC 7662: what an access token or a session token is worth now. */
  introspect(backend: Pick<Backend, 'tenantId'>, token: string): Promise<Introspection>;
  /** @throws tenant_unknown */
  tenant(backend: Backend, id: string): Promise<LimitedTenant>;
  /** Shorter limits hold for live sessions, too. @throws tenant_unknown · invalid_request */
  setTenantLimits(backend: Backend, id: string, change: TenantLimitsChange): Promise<LimitedTenant>;
  /** Calls `listener` when a tenant's limits were changed, on whichever node. Returns the function that removes it. */
  onTenantChanged(listener: (tenant: LimitedTenant) => void): () => void;
  /** Number of the last such change. */
  tenantsSeq(): number;
  /** Who is where now, of all tenants. */
  everywhere(): Promise<readonly Whereabouts[]>;
}

/** Every verb of backends, bound to the rooms. */
export function createBackendFlows(needs: FlowNeeds): BackendFlows {
  return Object.freeze<BackendFlows>({
    check: (id, secret) => needs.backends.check(needs.db, id, secret),
    find: (id) => needs.backends.find(needs.db, id),
    exchange: (backend, request) => relay.exchangeFor(needs, backend, request),
    confirm: (backend, sid, generation) => relay.confirmFor(needs, backend, sid, generation),
    refresh: (backend, sid) => relay.refreshFor(needs, backend, sid),
    logout: (backend, sid, scope) => relay.logoutFor(needs, backend, sid, scope),
    inspect: (backend, sids) => relay.inspectFor(needs, backend, sids),
    activity: (backend, sids) => relay.activityFor(needs, backend, sids),
    own: (backend, sids) => relay.own(needs, backend, sids),
    introspect: (backend, token) => introspect(needs, backend, token),
    tenant: (backend, id) => tenantOf(needs, backend, id),
    setTenantLimits: (backend, id, change) => setTenantLimits(needs, backend, id, change),
    onTenantChanged: (listener) => needs.tenantChanges.onChange((tenant) => listener(limitedBy(needs, tenant))),
    tenantsSeq: needs.tenantChanges.seq,
    everywhere: () => needs.presence.everywhere(),
  });
}
