import type { BackendScope, EndedSessions, Introspection, LogoutScope } from '@latchkey/contract';
import type { AccessGrant, Grant, SessionInspection } from '@latchkey/core';
import type { Backend } from '../../domain/backend/backend.ts';
import { type AcceptedCredential, hashSecret } from '../../domain/backend/backends.ts';
import type { PresenceEntry } from '../../domain/presence/presence-entry.ts';
import type { TenantLimitsUpdate } from '../../domain/tenant/tenant.ts';
import { assertScope, authenticateBackend } from '../authenticate-backend.ts';
import { type TenantWithLimits, withEffectiveLimits } from '../change-tenant.ts';
import type { FlowContext } from '../context.ts';
import type { CredentialRequest } from '../types.ts';
import { introspect } from './introspect.ts';
import * as relay from './relay.ts';
import type { BackendServer } from './session-access.ts';
import { getTenantLimits, setTenantLimits } from './tenant-limits.ts';

/**
 * The calls of backends. Calls for one session are refused with `forbidden` when it belongs to another tenant than the
 * backend's, or when the calling server does not hold it. A session whose row was deleted is answered like an ended one.
 */
export interface BackendFlows {
  /** @throws unauthenticated */
  check(id: string, secret: string): Promise<{ backend: Backend; credential: AcceptedCredential }>;
  /** @throws forbidden the backend lacks the scope */
  assertScope(backend: Backend, scope: BackendScope): void;
  /** See {@link Backends.recheck}. */
  recheck(credentials: readonly AcceptedCredential[]): Promise<(Backend | undefined)[]>;
  exchange(server: BackendServer, request: CredentialRequest): Promise<Grant>;
  confirm(server: BackendServer, sid: string, generation: number): Promise<void>;
  /** `scope`: fewer scopes than the session has, for this access token. @throws invalid_scope */
  refresh(server: BackendServer, sid: string, options: { readonly scope?: string | undefined }): Promise<AccessGrant>;
  logout(server: BackendServer, sid: string, scope: LogoutScope): Promise<EndedSessions>;
  inspect(server: Pick<BackendServer, 'backend'>, sids: readonly string[]): Promise<readonly SessionInspection[]>;
  activity(server: BackendServer, sids: readonly string[]): Promise<void>;
  /** @returns how many of the sessions were left out, because the server does not hold them */
  countSockets(server: BackendServer, counts: ReadonlyMap<string, number>, all: boolean): Promise<number>;
  /** RFC 7662: what an access token or a session token is worth now. */
  introspect(backend: Pick<Backend, 'tenantId'>, token: string): Promise<Introspection>;
  /** @throws tenant_unknown */
  tenant(backend: Backend, id: string): Promise<TenantWithLimits>;
  /** Shorter limits hold for live sessions, too. @throws tenant_unknown · invalid_request */
  setTenantLimits(backend: Backend, id: string, change: TenantLimitsUpdate): Promise<TenantWithLimits>;
  /** Calls `listener` when a tenant's limits were changed, on whichever node. Returns the function that removes it. */
  onTenantChanged(listener: (tenant: TenantWithLimits) => void): () => void;
  /** Number of the last such change. */
  tenantsSeq(): number;
  /** All live sessions with sockets now, of all tenants, page by page. */
  everywhere(): AsyncGenerator<readonly PresenceEntry[], void>;
}

/** Every verb of backends, bound to the rooms. */
export function createBackendFlows(context: FlowContext): BackendFlows {
  return Object.freeze<BackendFlows>({
    async check(id, secret) {
      const backend = await authenticateBackend(context, { id, secret });
      return { backend, credential: { id, secretHash: hashSecret(secret) } };
    },
    assertScope: (backend, scope) => assertScope(context, backend, scope),
    recheck: (credentials) => context.backends.revalidate(context.db, credentials),
    exchange: (server, request) => relay.exchangeFor(context, server, request),
    confirm: (server, sid, generation) => relay.confirmFor(context, server, sid, generation),
    refresh: (server, sid, options) => relay.refreshFor(context, server, sid, options),
    logout: (server, sid, scope) => relay.logoutFor(context, server, sid, scope),
    inspect: (server, sids) => relay.inspectFor(context, server, sids),
    activity: (server, sids) => relay.activityFor(context, server, sids),
    countSockets: (server, counts, all) => relay.countSocketsFor(context, server, counts, all),
    introspect: (backend, token) => introspect(context, backend, token),
    tenant: (backend, id) => getTenantLimits(context, backend, id),
    setTenantLimits: (backend, id, change) => setTenantLimits(context, backend, id, change),
    onTenantChanged: (listener) =>
      context.tenantChanges.onChange((tenant) => listener(withEffectiveLimits(context, tenant))),
    tenantsSeq: context.tenantChanges.seq,
    everywhere: () => context.presence.listAll(),
  });
}
