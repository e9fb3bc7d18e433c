import {
  type AdminAuditRow,
  type AdminBackend,
  type AdminBackendSecret,
  type AdminKey,
  type AdminOverview,
  type AdminSession,
  type AdminTenant,
  type AdminUser,
  adminPaths,
  type Ended,
  Failure,
  type Page,
} from '@latchkey/contract';
import { type Asking, createAsking, serviceTimeOf, withJson } from '../asking.ts';

/** One page of a list, and what the service's clock said (epoch milliseconds). */
export interface Listed<Row> {
  readonly rows: readonly Row[];
  /** Cursor of the page behind it. */
  readonly next: string | undefined;
  readonly at: number;
}

/** What a list is narrowed to; an empty word narrows nothing. */
export type Filter = Readonly<Record<string, string>>;

/** `registration_open`, `name` and limits, in minutes; `null`: the service's own. */
export type TenantChange = Partial<
  Pick<AdminTenant, 'name' | 'registration_open' | 'max_active_minutes' | 'max_idle_minutes'>
>;
type NewTenant = Pick<AdminTenant, 'id' | 'name'> & TenantChange;
type NewBackend = Pick<AdminBackend, 'name' | 'tenant_id' | 'scopes' | 'origins'>;

/** What the console asks of `/admin`. Every rejection is a `Failure`. */
export interface ConsoleApi {
  overview(): Promise<AdminOverview>;
  sessions(filter: Filter, cursor?: string): Promise<Listed<AdminSession>>;
  endSession(id: string): Promise<Ended>;
  users(filter: Filter, cursor?: string): Promise<Listed<AdminUser>>;
  user(id: string): Promise<AdminUser>;
  changeUser(id: string, change: { readonly disabled?: boolean; readonly operator?: boolean }): Promise<AdminUser>;
  endUser(id: string): Promise<Ended>;
  tenants(cursor?: string): Promise<Listed<AdminTenant>>;
  createTenant(tenant: NewTenant): Promise<AdminTenant>;
  changeTenant(id: string, change: TenantChange): Promise<AdminTenant>;
  endTenant(id: string): Promise<Ended>;
  backends(cursor?: string): Promise<Listed<AdminBackend>>;
  createBackend(backend: NewBackend): Promise<AdminBackendSecret>;
  rotateBackend(id: string): Promise<AdminBackendSecret>;
  removeBackend(id: string): Promise<{ readonly removed: string }>;
  keys(): Promise<Listed<AdminKey>>;
  rotateKeys(): Promise<{ readonly kid: string; readonly rotated: boolean }>;
  audit(filter: Filter, cursor?: string): Promise<Listed<AdminAuditRow>>;
}

const { overview, sessions, users, tenants, backends, keys, audit } = adminPaths;

interface ConsoleApiNeeds {
  readonly fetch: typeof globalThis.fetch;
  readonly origin: string;
  /** Hears that the whole of `/admin` is closed to the person. */
  readonly refused: (failure: Failure) => void;
}

export function createConsoleApi({ fetch, origin, refused }: ConsoleApiNeeds): ConsoleApi {
  const { ask, askJson } = watched(createAsking(fetch, origin), refused);
  const list = async <Name extends string, Row>(
    name: Name,
    path: string,
    asked: Readonly<Record<string, string | undefined>>,
  ): Promise<Listed<Row>> => {
    const response = await ask(`${path}${queryOf(asked)}`);
    const page = (await response.json()) as Page<Name, Row>;
    return { rows: page[name], next: page.next_cursor ?? undefined, at: serviceTimeOf(response) };
  };
  const remove = <Answer>(path: string) => askJson<Answer>(path, { method: 'DELETE' });
  return Object.freeze<ConsoleApi>({
    overview: () => askJson(overview),
    sessions: (filter, cursor) => list('sessions', sessions, { ...filter, cursor }),
    endSession: (id) => remove(under(sessions, id)),
    users: (filter, cursor) => list('users', users, { ...filter, cursor }),
    user: (id) => askJson(under(users, id)),
    changeUser: (id, change) => askJson(under(users, id), withJson('PATCH', change)),
    endUser: (id) => remove(under(users, id, 'sessions')),
    tenants: (cursor) => list('tenants', tenants, { cursor }),
    createTenant: (tenant) => askJson(tenants, withJson('POST', tenant)),
    changeTenant: (id, change) => askJson(under(tenants, id), withJson('PATCH', change)),
    endTenant: (id) => remove(under(tenants, id, 'sessions')),
    backends: (cursor) => list('backends', backends, { cursor }),
    createBackend: (backend) => askJson(backends, withJson('POST', backend)),
    rotateBackend: (id) => askJson(under(backends, id, 'rotate'), withJson('POST', {})),
    removeBackend: (id) => remove(under(backends, id)),
    keys: () => list('keys', keys, {}),
    rotateKeys: () => askJson(`${keys}/rotate`, withJson('POST', {})),
    audit: (filter, cursor) => list('audit', audit, { ...filter, cursor }),
  });
}

/** An act may be refused for its own sake; a question only because of who asks. */
function watched({ ask, askJson }: Asking, refused: ConsoleApiNeeds['refused']): Asking {
  const tell =
    (init: RequestInit | undefined) =>
    (error: unknown): never => {
      const code = error instanceof Failure ? error.code : undefined;
      const isClosed = code === 'reauthentication_required' || (code === 'forbidden' && init === undefined);
      if (isClosed) refused(error as Failure);
      throw error;
    };
  return {
    ask: (path, init) => ask(path, init).catch(tell(init)),
    askJson: <Answer>(path: string, init?: RequestInit) => askJson<Answer>(path, init).catch(tell(init)),
  };
}

function under(path: string, id: string, more?: string): string {
  return `${path}/${encodeURIComponent(id)}${more === undefined ? '' : `/${more}`}`;
}

function queryOf(asked: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(asked).filter((pair): pair is [string, string] => Boolean(pair[1]));
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
}
