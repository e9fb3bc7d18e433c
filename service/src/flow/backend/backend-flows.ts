import type { BackendScope, Ended, Introspection, LogoutScope } from '@latchkey/contract';
import type { AccessGrant, ExchangeRequest, Grant, Liveness } from '@latchkey/sdk-server';
import type { Backend } from '../../domain/backend/backend.ts';
import { type CheckedCredential, hashSecret } from '../../domain/backend/backends.ts';
import type { Whereabouts } from '../../domain/presence/presence-entry.ts';
import type { TenantLimitsChange } from '../../domain/tenant/tenant.ts';
import { type LimitedTenant, limitedBy } from '../change-tenant.ts';
import { assertScope, checkedBackend } from '../checked-backend.ts';
import type { FlowNeeds } from '../needs.ts';
import type { BackendServer } from './held.ts';
import { introspect } from './introspect.ts';
import * as relay from './relay.ts';
import { setTenantLimits, tenantOf } from './tenant-limits.ts';

/**
 * The calls of backends. Calls for one session are refused with `forbidden` when it belongs to another tenant than the
 * backend's, or when the calling server does not hold it. A session whose row was deleted is answered like an ended one.
 */
export interface BackendFlows {
  /** @throws unauthenticated */
  check(id: string, secret: string): Promise<{ backend: Backend; credential: CheckedCredential }>;
  /** @throws forbidden the backend lacks the scope */
  assertScope(backend: Backend, scope: BackendScope): void;
  /** See {@link Backends.recheck}. */
  recheck(credentials: readonly CheckedCredential[]): Promise<(Backend | undefined)[]>;
  exchange(server: BackendServer, request: ExchangeRequest): Promise<Grant>;
  confirm(server: BackendServer, sid: string, generation: number): Promise<void>;
  /** `scope`: fewer scopes than the session has, for this access token. @throws invalid_scope */
  refresh(server: BackendServer, sid: string, options: { readonly scope?: string | undefined }): Promise<AccessGrant>;
  logout(server: BackendServer, sid: string, scope: LogoutScope): Promise<Ended>;
  inspect(server: Pick<BackendServer, 'backend'>, sids: readonly string[]): Promise<readonly Liveness[]>;
  activity(server: BackendServer, sids: readonly string[]): Promise<void>;
  /** @returns how many of the sessions were left out, because the server does not hold them */
  countSockets(server: BackendServer, counts: ReadonlyMap<string, number>, all: boolean): Promise<number>;
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
  /** All live sessions with sockets now, of all tenants, page by page. */
  everywhere(): AsyncGenerator<readonly Whereabouts[], void>;
}

/** Every verb of backends, bound to the rooms. */
export function createBackendFlows(needs: FlowNeeds): BackendFlows {
  return Object.freeze<BackendFlows>({
    async check(id, secret) {
      const backend = await checkedBackend(needs, { id, secret });
      return { backend, credential: { id, secretHash: hashSecret(secret) } };
    },
    assertScope: (backend, scope) => assertScope(needs, backend, scope),
    recheck: (credentials) => needs.backends.recheck(needs.db, credentials),
    exchange: (server, request) => relay.exchangeFor(needs, server, request),
    confirm: (server, sid, generation) => relay.confirmFor(needs, server, sid, generation),
    refresh: (server, sid, options) => relay.refreshFor(needs, server, sid, options),
    logout: (server, sid, scope) => relay.logoutFor(needs, server, sid, scope),
    inspect: (server, sids) => relay.inspectFor(needs, server, sids),
    activity: (server, sids) => relay.activityFor(needs, server, sids),
    countSockets: (server, counts, all) => relay.presenceFor(needs, server, counts, all),
    introspect: (backend, token) => introspect(needs, backend, token),
    tenant: (backend, id) => tenantOf(needs, backend, id),
    setTenantLimits: (backend, id, change) => setTenantLimits(needs, backend, id, change),
    onTenantChanged: (listener) => needs.tenantChanges.onChange((tenant) => listener(limitedBy(needs, tenant))),
    tenantsSeq: needs.tenantChanges.seq,
    everywhere: () => needs.presence.everywhere(),
  });
}
