import type { BackendScope, PresenceChange } from './backend.ts';
import type { WireError } from './errors.ts';
import type { SessionInfo, TenantBrand } from './http.ts';
import type { Ack } from './socket.ts';
import type { TenantLimits } from './tenant-limits.ts';

/** Paths of the operators' API. They require an admin token, or a backend with the scope `admin`. */
export const adminPaths = {
  overview: '/admin/overview',
  tenants: '/admin/tenants',
  users: '/admin/users',
  sessions: '/admin/sessions',
  backends: '/admin/backends',
  keys: '/admin/keys',
  audit: '/admin/audit',
  mails: '/admin/mails',
  invitations: '/admin/invitations',
} as const;

/** `aud` of admin tokens: an audience of their own, so that they are good for nothing else, and nothing else for `/admin`. */
export function adminAudience(issuer: string): string {
  return `${issuer}/admin`;
}

/** Events of operators on namespace `/`, for sockets that are signed in. */
export const adminEvents = {
  subscribe: 'admin_subscribe',
  update: 'admin_update',
  unsubscribed: 'admin_unsubscribed',
} as const;

/** Client → server: updates until this admin token ends; sent again with the next one, they continue. */
export interface AdminSubscribe {
  access_token: string;
}

/** Answer to `admin_subscribe`. */
export interface AdminSubscribed {
  /** Seconds until the updates stop. */
  expires_in: number;
}

/**
 * Server → client: what changed since the last update. `refetch`: some of it was left out, or sessions ended, with or without
 * a socket; read the lists again.
 */
export interface AdminPresenceUpdate {
  changes: PresenceChange[];
  refetch: boolean;
}

/**
 * Server → client: the updates have stopped. `unauthenticated`: the token has expired. `forbidden`: the user has lost
 * the administrator flag.
 */
export type AdminUnsubscribed = WireError;

/** Events that an operator's page sends in the namespace `/admin`. */
export interface AdminClientEvents {
  admin_subscribe: (payload: AdminSubscribe, ack: (answer: Ack<AdminSubscribed>) => void) => void;
}

/** Events that the service sends in the namespace `/admin`. */
export interface AdminServerEvents {
  admin_update: (update: AdminPresenceUpdate) => void;
  admin_unsubscribed: (error: AdminUnsubscribed) => void;
}

/**
 * One page of a list under its own name, such as `users`. `next_cursor` is `null` after the last row; a page of sessions can
 * be empty before that.
 */
export type CursorPage<Name extends string, Row> = { [name in Name]: Row[] } & { next_cursor: string | null };

/** One minute of the whole cluster. `at` is its beginning. */
export interface AdminTrafficMinute {
  at: string;
  rotations: number;
  logins: number;
  /** Live ones, counted once within the minute, in the running one just now; `null`: no node counted. */
  sessions: number | null;
}

/** `GET /admin/overview`. */
export interface AdminOverview {
  /** Live sessions. */
  sessions: number;
  /** Those with a socket. */
  online_sessions: number;
  sockets: number;
  /** Nodes and backends with a lease. */
  servers: number;
  users: number;
  tenants: number;
  /** The last sixty, oldest first, the current one last, with a delay of a few seconds. */
  minutes: AdminTrafficMinute[];
}

/** Whether users of a tenant have to verify their address: `off`, `optional`, or `required` before they can sign in. */
export const emailVerifications = ['off', 'optional', 'required'] as const;

/** What a sign-in does that would be one session too many: it ends the user's oldest session, or is refused. */
export const sessionLimitPolicies = ['end_oldest', 'refuse'] as const;

/** What a tenant decides about its accounts. `null`: what the configuration of the service says. */
export interface TenantPolicies {
  email_verification: (typeof emailVerifications)[number];
  /** Users may sign in by a mail, without a password. */
  email_sign_in: boolean;
  /** Fewest characters of a new password. */
  password_min_length: number | null;
  /** Domains of addresses that may sign up, as A-labels; none: all domains. */
  allowed_domains: string[];
  /** Most live sessions of one user. */
  max_sessions: number | null;
  session_limit: (typeof sessionLimitPolicies)[number];
  /** Language of mails to users who have none (BCP 47). */
  locale: string | null;
}

/** A tenant at `/admin/tenants`, with its own limits and the limits that apply. */
export interface AdminTenant extends Omit<TenantLimits, 'tenant_id'>, TenantPolicies {
  id: string;
  name: string;
  registration_open: boolean;
  created_at: string;
  /** Since when no user of the tenant can sign in; `null`: they can. */
  disabled_at: string | null;
  brand: TenantBrand | null;
}

/** `PUT /admin/tenants/:id/brand`. What is left out looks as that of the service, but for the logo. */
export interface TenantBrandBody {
  name?: string | undefined;
  /** `#rrggbb`, with a contrast of 4.5:1 to the background of the pages. */
  colour?: string | undefined;
  /** A PNG or WebP image of at most 64 KiB, as base64. `null`: none. Left out: the present one stays. */
  logo?: string | null | undefined;
}

/** What became of a row of an import. `exists`: the user `id` has the address, the external id or the id; nothing was changed. */
export type AdminImportOutcome =
  | { outcome: 'created' | 'exists'; id: string }
  | { outcome: 'invalid'; details: { path: string; message: string }[] };

/** `POST /admin/users/import`: an outcome for each row, in their order, and how many there are of each. */
export interface AdminImportResult {
  outcomes: AdminImportOutcome[];
  created: number;
  exists: number;
  invalid: number;
}

/** `POST /admin/users/:id/claims`. */
export interface ClaimsRecomputed {
  /** How many live sessions have other claims now. */
  changed: number;
}

/** A live session at `/admin/sessions`. Times are ISO 8601; `expires_at` is by whichever limit comes first. */
export interface AdminSession extends Omit<SessionInfo, 'current'> {
  user_id: string;
  tenant_id: string;
  email: string | null;
  /** How often its token was replaced, and one. */
  generation: number;
  /** To a browser's key. */
  bound: boolean;
  sockets: number;
  /** Where its sockets are. */
  servers: { server_id: string; backend_id: string | null; sockets: number }[];
}

/** A backend at `/admin/backends`, without its secret. Times are ISO 8601. */
export interface AdminBackend {
  id: string;
  name: string;
  /** `null`: every tenant. */
  tenant_id: string | null;
  scopes: BackendScope[];
  origins: string[];
  created_at: string;
  disabled_at: string | null;
}

/** Shown once, and kept nowhere. */
export interface AdminBackendSecret {
  backend: AdminBackend;
  secret: string;
}

/** A signing key at `/admin/keys`. Times are ISO 8601; `retired_at` is `null` before the key is retired. */
export interface AdminKey {
  kid: string;
  state: 'next' | 'current' | 'previous';
  created_at: string;
  retired_at: string | null;
}

/** A row of the audit at `/admin/audit`. `at` is ISO 8601. */
export interface AdminAuditRow {
  id: number;
  at: string;
  action: string;
  tenant_id: string | null;
  user_id: string | null;
  session_id: string | null;
  address_prefix: string | null;
  detail: Record<string, string | number | boolean | null>;
}

/** A mail that could not be sent, at `/admin/mails`. Its address and its words are erased. Times are ISO 8601. */
export interface AdminMail {
  id: string;
  tenant_id: string;
  /** `null`: it was for an address without an account, or the account was deleted. */
  user_id: string | null;
  template: string;
  /** How often it was tried. */
  tries: number;
  created_at: string;
  failed_at: string;
  /** The reply of the mail server, or `expired`. */
  failure: string;
}
