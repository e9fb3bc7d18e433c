import type { WireError } from './errors.ts';
import type { Ack, AuthenticateWithCode, EndReason, LogoutScope } from './socket.ts';
import type { TenantLimits, TenantLimitsPatch } from './tenant-limits.ts';

/** The service's namespace for backends: Node apps with sdk-server. */
export const backendNamespace = '/backend';

/** Version of this page that a backend speaks; the service refuses others with a sentence. */
export const backendProtocol = 2;

/** What a backend may ask for. */
export const backendScopes = ['relay', 'feed', 'limits', 'introspect', 'admin'] as const;
/** A permission of a backend's credential. */
export type BackendScope = (typeof backendScopes)[number];

/** Handshake `auth` of a backend. */
export interface BackendHandshake {
  backend_id: string;
  backend_secret: string;
  /** Random for each start of the backend's process (UUID). */
  server_id: string;
  protocol: number;
}

/** Calls of a backend, each with an acknowledgement. */
export const backendCalls = {
  exchange: 'exchange',
  confirm: 'confirm',
  refresh: 'refresh',
  logout: 'logout',
  sessions: 'sessions',
  presence: 'presence',
  presenceList: 'presence_list',
  activity: 'activity',
  tenantGet: 'tenant_get',
  tenantSet: 'tenant_set',
  introspect: 'introspect',
  subscribe: 'subscribe',
} as const;

/** Events that the service pushes to backends. */
export const backendPushes = {
  blacklist: 'blacklist',
  heartbeat: 'heartbeat',
  userSession: 'user_session',
  presenceGap: 'presence_gap',
  tenantChanged: 'tenant_changed',
  keysChanged: 'keys_changed',
  serverDrain: 'server_drain',
} as const satisfies Record<string, keyof ServiceToBackendEvents>;

/** The browser connection of a relayed socket, as observed by the backend. */
export interface BackendClientInfo {
  connection_id: string;
  origin: string | null;
  address: string | null;
  user_agent: string | null;
}

/** Relay of `authenticate`, with the fields as the browser sent them; the backend adds no `asked_at` of its own. */
export interface BackendExchangeRequest extends Omit<AuthenticateWithCode, 'code'> {
  credential: string;
  /** Origin under which the browser opened the backend's socket server: the `htu` of the proof. */
  socket_origin?: string | undefined;
  expected_sid?: string | undefined;
  peer: BackendClientInfo;
}

/** Seconds until the session ends by either limit. */
export interface BackendSessionLifetime {
  expires_in: number;
  idle_expires_in: number | null;
}

/** Answer to `refresh`: a new access token. `*_in` in seconds. */
export interface BackendAccessGrant extends BackendSessionLifetime {
  access_token: string;
  /** Absent when there are none, and from a service of an older version. */
  scope?: string | undefined;
  access_token_expires_in: number;
  refresh_in: number;
}

/** Answer to `exchange`: the session, its next session token and an access token. `*_in` in seconds. */
export interface BackendGrant extends BackendAccessGrant {
  sid: string;
  user_id: string;
  tenant_id: string;
  generation: number;
  token: string;
  rotate_in: number;
  idle_timeout_in: number | null;
  claims: Record<string, unknown>;
  server_time: number;
  /** The database's time, for the browser's next {@link AskedAt}. Absent: an older service. */
  now?: number | undefined;
}

/** `verified`: the credential's signature was valid, so the client is not treated as an attacker. */
export type BackendError = WireError & { verified?: boolean | undefined };
/** An acknowledgement of the backend protocol: the data or the error. */
export type BackendAck<T> = { ok: true; data: T } | { ok: false; error: BackendError };
type AckCallback<T> = (answer: BackendAck<T>) => void;

/** State of one session in the answer to `sessions`. */
export type BackendSessionStatus = { sid: string } & (
  | ({ alive: true } & BackendSessionLifetime)
  | { alive: false; reason: EndReason }
);

/** One row of the blacklist as backends keep it. */
export interface RevocationEntry {
  seq: number;
  sid: string;
  reason: EndReason;
  /** Until when an access token of the session could be accepted, in epoch milliseconds of {@link WithServiceTime.now}. */
  until?: number | undefined;
  /** The time until {@link RevocationEntry.until}, in seconds from now, for backends of an older version that ignore `until`. */
  keep_in: number;
}

/** Cursor of a reader. `epoch` changes when numbers may have been issued twice. */
export interface RevocationCursor {
  epoch: string;
  seq: number;
}

/**
 * `delta`: gapless from the cursor + 1. `snapshot`: the full list; it replaces the copy of the same epoch, and is added to
 * that of another one, because a promoted replica may lack ends that a backend has recorded.
 */
export interface RevocationBatch extends RevocationCursor {
  kind: 'delta' | 'snapshot';
  entries: RevocationEntry[];
  /** Of a long list that is answered in `parts`: this one, from 0. */
  part?: number | undefined;
  parts?: number | undefined;
}

/** Sent with the answer to `subscribe` and with each heartbeat. */
export interface WithServiceTime {
  /**
   * The time by which the service judges access tokens, in epoch milliseconds: that of its database. A backend judges
   * by it, too, and never by the clock of its machine. A service of an older version does not send it.
   */
  now?: number | undefined;
}

/** The backend's cursor, and the requested part of a long answer. Without `part`: the whole answer. */
export interface BackendSubscribeRequest {
  epoch?: string | undefined;
  seq?: number | undefined;
  part?: number | undefined;
}

/** What access tokens of the service name. A service of an older version does not send it. */
export interface AccessTokenMetadata {
  /** `iss`: the service's public URL. */
  issuer?: string | undefined;
  /** `aud` of access tokens for apps. */
  audience?: string | undefined;
}

/** From the last part on the backend is pushed what comes. */
export interface BackendSubscribeResponse extends WithServiceTime, AccessTokenMetadata {
  feed: RevocationBatch;
  /** Milliseconds since the service itself has read the list to its end. */
  feed_age_ms?: number | undefined;
  tenants_seq?: number | undefined;
}

/** A page of the sessions that have sockets anywhere. `user_session` events and pages apply in the order of their arrival. */
export interface PresencePage {
  /** May be empty before the last page. */
  user_sessions: UserSessionState[];
  /** `false`: this is the last page; what no page and no event named has no sockets. */
  more: boolean;
}

/** A session as backends follow it: who, where, how many sockets. Times in epoch milliseconds. */
export interface UserSessionState {
  id: string;
  user_id: string;
  tenant_id: string;
  claims: Record<string, unknown>;
  server_id: string;
  connections: number;
  created_at: number;
  updated_at: number;
}

/** What has happened to the user session of a {@link PresenceChange}. */
export type UserSessionChange = 'creation' | 'update' | 'deletion';

/** A change of a user session, as the service sends it to backends. `server_id` is the server of its sockets. */
export interface PresenceChange {
  change: UserSessionChange;
  session: UserSessionState;
  server_id: string;
}

/** Answer of token introspection (RFC 7662 §2.2), for access tokens and session tokens. */
export interface Introspection {
  active: boolean;
  [claim: string]: unknown;
}

/** Calls of a backend to the service, in the namespace `/backend`. */
export interface BackendToServiceEvents {
  exchange: (request: BackendExchangeRequest, ack: AckCallback<BackendGrant>) => void;
  confirm: (stored: { sid: string; gen: number }, ack?: (answer: Ack<null>) => void) => void;
  refresh: (
    request: { sid: string; admin?: boolean | undefined; scope?: string | undefined },
    ack: AckCallback<BackendAccessGrant>,
  ) => void;
  logout: (request: { sid: string; scope?: LogoutScope | undefined }, ack: AckCallback<{ ended: number }>) => void;
  sessions: (request: { sids: string[] }, ack: AckCallback<{ sessions: BackendSessionStatus[] }>) => void;
  /** Sockets a session has on this backend now, 0 when the last one went; `all`: everything else has none. */
  presence: (
    report: { counts: [sid: string, sockets: number][]; all?: boolean | undefined },
    ack?: (answer: Ack<null>) => void,
  ) => void;
  activity: (report: { sids: string[] }, ack?: (answer: Ack<null>) => void) => void;
  tenant_get: (request: { tenant_id: string }, ack: AckCallback<TenantLimits>) => void;
  tenant_set: (request: { tenant_id: string } & TenantLimitsPatch, ack: AckCallback<TenantLimits>) => void;
  introspect: (request: { token: string }, ack: AckCallback<Introspection>) => void;
  subscribe: (request: BackendSubscribeRequest, ack: AckCallback<BackendSubscribeResponse>) => void;
  /** The next page; `first` begins the list anew. From the first page on the backend gets `user_session` events. */
  presence_list: (request: { first?: boolean | undefined }, ack: AckCallback<PresencePage>) => void;
}

/** Events that the service sends to backends, in the namespace `/backend`. */
export interface ServiceToBackendEvents {
  blacklist: (batch: RevocationBatch) => void;
  heartbeat: (beat: RevocationCursor & WithServiceTime) => void;
  user_session: (changes: PresenceChange[]) => void;
  /** Changes were left out because the backend reads slowly, and no more follow: ask for the list again. */
  presence_gap: () => void;
  tenant_changed: (limits: TenantLimits) => void;
  keys_changed: () => void;
  server_drain: (drain: { reconnect_after_ms: number }) => void;
}
