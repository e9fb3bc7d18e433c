import type { SessionUser } from './claims.ts';
import type { WireError } from './errors.ts';
import type { EndedSessions } from './http.ts';

/** Why a session ended; the payload of `logged_out` and the `reason` of a blacklist row. */
export const endReasons = [
  'logout',
  'token_reused',
  'code_used',
  'generation_unknown',
  'ended_by_user',
  'ended_by_operator',
  'idle_timeout',
  'expired',
  'session_limit',
  'password_changed',
  'password_reset',
  'email_changed',
  'user_disabled',
  'user_deleted',
  'tenant_disabled',
] as const;
/** Why a session ended. */
export type EndReason = (typeof endReasons)[number];

/** Names of the browser protocol's events (namespace `/`). */
export const events = {
  authenticate: 'authenticate',
  authenticated: 'authenticated',
  unauthorized: 'unauthorized',
  refresh: 'refresh',
  activity: 'activity',
  logout: 'logout',
  loggedOut: 'logged_out',
  sessionExpiring: 'session_expiring',
  serverDrain: 'server_drain',
} as const;

/** Which sessions a logout ends: this one, the user's others, or all of the user's. */
export const logoutScopes = ['session', 'others', 'all'] as const;
/** Which sessions of the user a logout ends: this one, all others, or all. */
export type LogoutScope = (typeof logoutScopes)[number];

/**
 * When the client asked, in milliseconds of the database's clock: the `now` of an earlier answer plus the client's own
 * monotonic time since then. The work counts until 5 s after it, so that a message that arrives late is not carried out.
 * A time in the future counts as the time of arrival; without the field, that time counts.
 *
 * @example
 * const asked_at = Math.floor(last.now + (monotonicMs() - last.answeredAt));
 */
export type AskedAt = number;

/** What comes with a code or a token. Rotation keys are 16 bytes as base64url. */
interface ExchangeFields {
  code_verifier?: string | undefined;
  rotation_key?: string | undefined;
  also_rotation_keys?: string[] | undefined;
  asked_at?: AskedAt | undefined;
  /** Of a code or session that is bound to a key; see {@link ProofClaims}. */
  proof?: string | undefined;
}

/** Client → server: trade a code (generation 0) for the session's first token. */
export interface AuthenticateWithCode extends ExchangeFields {
  code: string;
}

/** Client → server: trade the stored token for the next one. A plain client may put a code here, too. */
export interface AuthenticateWithToken extends ExchangeFields {
  token: string;
}

/** Payload of `authenticate`: a code or a session token. */
export type AuthenticatePayload = AuthenticateWithCode | AuthenticateWithToken;

/** Server → client. `*_in` in seconds, `server_time` in epoch milliseconds. */
export interface Authenticated extends Refreshed {
  token: string;
  token_expires_in: number;
  rotate_in: number;
  session: { id: string; expires_in: number; idle_timeout_in: number | null };
  user: SessionUser;
  server_time: number;
  /** The database's time, from which the client counts its next {@link AskedAt}. Absent: a service or backend that is older. */
  now?: number | undefined;
}

/** Answer to `refresh`: a new access token, no rotation. */
export interface Refreshed {
  access_token: string;
  access_token_expires_in: number;
  /** Scopes of the access token, separated by spaces; absent when it has none. */
  scope?: string | undefined;
  refresh_in: number;
}

/** Payload of `unauthorized`: why the socket was refused or signed out. */
export type Unauthorized = WireError;

/** Payload of `logged_out`: the session has ended. */
export interface LoggedOut {
  reason: EndReason;
}

/** Payload of `session_expiring`: the session ends in `in_seconds`. */
export interface SessionExpiring {
  in_seconds: number;
  reason: 'idle_timeout' | 'expired';
}

/** Payload of `server_drain`: the server stops, and the client reconnects after this time in milliseconds. */
export interface ServerDrain {
  reconnect_after_ms: number;
}

/** An acknowledgement is either the data or the error, never both. */
export type Ack<T> = { ok: true; data: T } | { ok: false; error: WireError };

/** Events that a browser may send. The acknowledgement may be absent. */
export interface ClientToServerEvents {
  authenticate: (payload: AuthenticatePayload) => void;
  /** `scope`: fewer scopes, for this access token only (RFC 6749 §6). */
  refresh: (
    payload: { admin?: boolean | undefined; scope?: string | undefined },
    ack?: (answer: Ack<Refreshed>) => void,
  ) => void;
  activity: (payload: Record<string, never>) => void;
  /**
   * The token of the socket's own session may be sent in place of the payload. Without `ack` a refusal is
   * `unauthorized`.
   */
  logout: (
    payload: { scope?: LogoutScope | undefined; token?: string | undefined } | string,
    ack?: (answer: Ack<EndedSessions>) => void,
  ) => void;
}

/** Events a browser receives. The acknowledgement of `authenticated` says that the token is stored. */
export interface ServerToClientEvents {
  authenticated: (payload: Authenticated, stored: () => void) => void;
  unauthorized: (payload: Unauthorized) => void;
  logged_out: (payload: LoggedOut) => void;
  session_expiring: (payload: SessionExpiring) => void;
  server_drain: (payload: ServerDrain) => void;
}
