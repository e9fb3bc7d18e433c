import {
  type AdminAuditRow,
  type AdminBackend,
  type AdminBackendSecret,
  type AdminInvitation,
  type AdminInvitationBody,
  type AdminInvitationResponse,
  type AdminKey,
  type AdminOverview,
  type AdminSession,
  type AdminTenant,
  type AdminUser,
  type AdminUserPatch,
  adminPaths,
  type CursorPage,
  type EndedSessions,
  Failure,
  type MailSentResponse,
  type NewAdminUser,
  type TenantBrand,
  type TenantBrandBody,
  type TenantPolicies,
} from '@latchkey/contract';
import { createJsonClient, type JsonClient, jsonInit, parseDateHeader } from '../platform/json-client.ts';

/** One page of a list, and what the service's clock said (epoch milliseconds). */
export interface ListPage<Row> {
  readonly rows: readonly Row[];
  /** Cursor of the page behind it. */
  readonly next: string | undefined;
  readonly at: number;
}

/** The filters of a list. An empty text does not filter. */
export type Filter = Readonly<Record<string, string>>;

/** What the form of a tenant writes. Limits are in minutes; `null`: the service's own. */
export type TenantFields = TenantPolicies &
  Pick<AdminTenant, 'name' | 'registration_open' | 'max_active_minutes' | 'max_idle_minutes'>;
type UpdateTenantRequest = Partial<TenantFields & { readonly disabled: boolean }>;
type CreateTenantRequest = Pick<AdminTenant, 'id' | 'name'> & Partial<TenantFields>;
type CreateBackendRequest = Pick<AdminBackend, 'name' | 'tenant_id' | 'scopes' | 'origins'>;

/** The requests of the console to `/admin`. Every rejection is a `Failure`. */
export interface ConsoleApi {
  overview(): Promise<AdminOverview>;
  sessions(filter: Filter, cursor?: string): Promise<ListPage<AdminSession>>;
  endSession(id: string): Promise<EndedSessions>;
  users(filter: Filter, cursor?: string): Promise<ListPage<AdminUser>>;
  user(id: string): Promise<AdminUser>;
  createUser(user: NewAdminUser): Promise<AdminUser>;
  changeUser(id: string, change: AdminUserPatch): Promise<AdminUser>;
  deleteUser(id: string): Promise<EndedSessions>;
  mailPasswordReset(id: string): Promise<MailSentResponse>;
  endUserSessions(id: string): Promise<EndedSessions>;
  invitations(filter: Filter, cursor?: string): Promise<ListPage<AdminInvitation>>;
  createInvitation(invitation: AdminInvitationBody): Promise<AdminInvitationResponse>;
  revokeInvitation(id: string): Promise<{ readonly revoked: string }>;
  tenants(cursor?: string): Promise<ListPage<AdminTenant>>;
  createTenant(tenant: CreateTenantRequest): Promise<AdminTenant>;
  changeTenant(id: string, change: UpdateTenantRequest): Promise<AdminTenant>;
  deleteTenant(id: string): Promise<{ readonly removed: string }>;
  endTenantSessions(id: string): Promise<EndedSessions>;
  setBrand(id: string, brand: TenantBrandBody): Promise<TenantBrand>;
  removeBrand(id: string): Promise<{ readonly removed: string }>;
  backends(cursor?: string): Promise<ListPage<AdminBackend>>;
  createBackend(backend: CreateBackendRequest): Promise<AdminBackendSecret>;
  rotateBackend(id: string): Promise<AdminBackendSecret>;
  removeBackend(id: string): Promise<{ readonly removed: string }>;
  keys(): Promise<ListPage<AdminKey>>;
  rotateKeys(): Promise<{ readonly kid: string; readonly rotated: boolean }>;
  audit(filter: Filter, cursor?: string): Promise<ListPage<AdminAuditRow>>;
}

const { overview, sessions, users, tenants, backends, keys, audit, invitations } = adminPaths;

interface ConsoleApiDeps {
  readonly fetch: typeof globalThis.fetch;
  readonly origin: string;
  /** Called when the user may no longer use `/admin`. */
  readonly onForbidden: (failure: Failure) => void;
}

export function createConsoleApi({ fetch, origin, onForbidden }: ConsoleApiDeps): ConsoleApi {
  const { request, requestJson } = reportForbidden(createJsonClient(fetch, origin), onForbidden);
  const list = async <Name extends string, Row>(
    name: Name,
    path: string,
    params: Readonly<Record<string, string | undefined>>,
  ): Promise<ListPage<Row>> => {
    const response = await request(`${path}${toQueryString(params)}`);
    const page = (await response.json()) as CursorPage<Name, Row>;
    return { rows: page[name], next: page.next_cursor ?? undefined, at: parseDateHeader(response) };
  };
  const remove = <Answer>(path: string) => requestJson<Answer>(path, { method: 'DELETE' });
  return Object.freeze<ConsoleApi>({
    overview: () => requestJson(overview),
    sessions: (filter, cursor) => list('sessions', sessions, { ...filter, cursor }),
    endSession: (id) => remove(resourcePath(sessions, id)),
    users: (filter, cursor) => list('users', users, { ...filter, cursor }),
    user: (id) => requestJson(resourcePath(users, id)),
    createUser: (user) => requestJson(users, jsonInit('POST', user)),
    deleteUser: (id) => remove(resourcePath(users, id)),
    mailPasswordReset: (id) => requestJson(`${resourcePath(users, id)}/password/reset`, jsonInit('POST', {})),
    changeUser: (id, change) => requestJson(resourcePath(users, id), jsonInit('PATCH', change)),
    endUserSessions: (id) => remove(resourcePath(users, id, 'sessions')),
    invitations: (filter, cursor) => list('invitations', invitations, { ...filter, cursor }),
    createInvitation: (invitation) => requestJson(invitations, jsonInit('POST', invitation)),
    revokeInvitation: (id) => remove(resourcePath(invitations, id)),
    tenants: (cursor) => list('tenants', tenants, { cursor }),
    createTenant: (tenant) => requestJson(tenants, jsonInit('POST', tenant)),
    changeTenant: (id, change) => requestJson(resourcePath(tenants, id), jsonInit('PATCH', change)),
    deleteTenant: (id) => remove(resourcePath(tenants, id)),
    endTenantSessions: (id) => remove(resourcePath(tenants, id, 'sessions')),
    setBrand: (id, brand) => requestJson(resourcePath(tenants, id, 'brand'), jsonInit('PUT', brand)),
    removeBrand: (id) => remove(resourcePath(tenants, id, 'brand')),
    backends: (cursor) => list('backends', backends, { cursor }),
    createBackend: (backend) => requestJson(backends, jsonInit('POST', backend)),
    rotateBackend: (id) => requestJson(resourcePath(backends, id, 'rotate'), jsonInit('POST', {})),
    removeBackend: (id) => remove(resourcePath(backends, id)),
    keys: () => list('keys', keys, {}),
    rotateKeys: () => requestJson(`${keys}/rotate`, jsonInit('POST', {})),
    audit: (filter, cursor) => list('audit', audit, { ...filter, cursor }),
  });
}

/** A change may be forbidden by itself. A read is forbidden only because of the user. */
function reportForbidden({ request, requestJson }: JsonClient, onForbidden: ConsoleApiDeps['onForbidden']): JsonClient {
  const rethrow =
    (init: RequestInit | undefined) =>
    (error: unknown): never => {
      const code = error instanceof Failure ? error.code : undefined;
      const isClosed = code === 'reauthentication_required' || (code === 'forbidden' && init === undefined);
      if (isClosed) onForbidden(error as Failure);
      throw error;
    };
  return {
    request: (path, init) => request(path, init).catch(rethrow(init)),
    requestJson: <Answer>(path: string, init?: RequestInit) => requestJson<Answer>(path, init).catch(rethrow(init)),
  };
}

function resourcePath(path: string, id: string, more?: string): string {
  return `${path}/${encodeURIComponent(id)}${more === undefined ? '' : `/${more}`}`;
}

function toQueryString(params: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(params).filter((pair): pair is [string, string] => Boolean(pair[1]));
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
}
