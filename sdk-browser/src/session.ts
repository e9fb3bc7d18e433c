import type { EndedSessions, LogoutScope, WireError } from '@latchkey/contract';
import type { ManagerOptions, Socket, SocketOptions } from 'socket.io-client';
import type { Timers } from './platform/timers.ts';
import type { UnboundReason } from './proof/prover.ts';
import type { SessionReason, SessionState, SessionUser } from './session-state.ts';

/** Web Storage, or anything that looks like it and answers at once. It has to be shared by the tabs that share a session. */
export type TokenStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;

/** A storage that was opened. `flush` resolves once everything is written; absent: it is when `setItem` returns. */
export type OpenedStorage = TokenStorage & { flush?(): Promise<void> };

/** A storage that takes a while to open, such as those of `createAsyncStorage`. It belongs to one page or app alone. */
export interface StorageProvider {
  /** Reads the entries whose names begin with `prefix`. */
  open(prefix: string): Promise<OpenedStorage>;
}

/**
 * How long a sign-in is remembered, and by which tabs:
 * - `local`   by all tabs of the browser, until the session ends
 * - `tab`     by one tab, also when it is loaded again, until it is closed; a duplicated tab begins signed out
 * - `memory`  by one page, until it is left
 */
export type Persistence = 'local' | 'tab' | 'memory';

/** Makes the one socket of a session; `socket.io-client`'s `io` by default. */
export type SocketFactory = (url: string, options: Partial<ManagerOptions & SocketOptions>) => Socket;

export interface SessionOptions {
  /** Origin of the service, such as `https://id.example.com`. Paths are refused. */
  readonly url: string;
  /** Origin that the socket goes to: an app that mounts sdk-server. Default: `url`. */
  readonly socketUrl?: string;
  /**
   * Further origins that may see the access token through `fetch`. Default: none but `url`. The console names an origin that
   * is fetched without the token.
   */
  readonly apis?: readonly string[];
  /** How long a sign-in is remembered. Default: `local`. */
  readonly persistence?: Persistence;
  /** Where the token is kept, in place of `persistence`. Default: `localStorage`, or memory where that is forbidden. */
  readonly storage?: TokenStorage | StorageProvider;
  /**
   * Names what this session keeps in the browser: token, rotation keys, key for proofs, channel and lock of its tabs. Apps of one
   * origin share a session if their `url` and `storageKey` are the same, and know nothing of each other otherwise. `''`: the
   * `url` alone names it. Default: `tenant`.
   */
  readonly storageKey?: string;
  /** Sent with `login` and `register` when they name none. Default: the service's default tenant. */
  readonly tenant?: string;
  /**
   * Bind new sign-ins to a key of this browser that no script can read (RFC 9449), where the browser can keep one; see
   * {@link Session.isBound}. A session that is bound stays bound. Default: true.
   */
  readonly useDpop?: boolean;
  /** Report pointer and key presses as the person's activity, at most once a minute. Default: true. */
  readonly trackActivity?: boolean;
  /** For tests. Default: the platform's. */
  readonly timers?: Timers;
  /** For tests. Default: `io` of socket.io-client. */
  readonly createSocket?: SocketFactory;
  /** For tests: 0 ≤ random() < 1, used for jitter only. Default: `Math.random`. */
  readonly random?: () => number;
}

export interface LoginInput {
  readonly email: string;
  readonly password: string;
  readonly tenant?: string;
  /**
   * Scopes that the session shall have at most, separated by spaces (RFC 6749 §3.3). Default: all that the user may have.
   * {@link Session.scope} says which were granted. Rejects with `invalid_scope` when the user may have none of them.
   */
  readonly scope?: string;
  /** Further fields for the service's hook `findUserByCredentials`, such as a one-time code. */
  readonly fields?: Readonly<Record<string, unknown>>;
}

export interface RegisterInput extends LoginInput {
  readonly profile?: Readonly<Record<string, unknown>>;
  /** The code of a link that makes whoever registers with it an operator, once. */
  readonly operatorInvite?: string;
}

export interface LogoutInput {
  /** This session (default), the user's other sessions, or all of them. */
  readonly scope?: LogoutScope;
  /** Forget the token here even when the service cannot be reached. Default: false. */
  readonly force?: boolean;
}

/** Events of {@link Session.on} and what their listeners get. */
export interface SessionEvents {
  state: SessionState;
  /** The first token, and each later one that this tab received. */
  authenticated: { readonly user: SessionUser; readonly sessionId: string; readonly generation: number };
  /** The session is over in this browser. */
  logged_out: { readonly reason: SessionReason };
  /** The service refused a credential; most refusals are retried without a word to the person. */
  unauthorized: WireError;
  session_expiring: { readonly inSeconds: number; readonly reason: 'idle_timeout' | 'expired' };
  server_drain: { readonly reconnectAfterMs: number };
}

/** Removes what was added; calling it twice does no harm. */
export type Unsubscribe = () => void;

/** One browser's session, as one tab sees it. Every rejection is a `Failure` of the contract with its `code`. */
export interface Session {
  /** What to show now; a new object after each change. */
  readonly state: SessionState;
  readonly user: SessionUser | undefined;
  readonly sessionId: string | undefined;
  readonly generation: number | undefined;
  /**
   * Scopes of the session's newest access token, separated by spaces; `''`: none. `undefined` while signed out. The
   * service decides anew at each access token.
   */
  readonly scope: string | undefined;
  /**
   * True when the session is of no use without this browser's key: a copy of its token, too, is worth nothing elsewhere.
   * Known after the first `authenticated`.
   */
  readonly isBound: boolean | undefined;
  /** Why sign-ins are not bound here; known when a key was first looked for. */
  readonly unboundReason: UnboundReason | undefined;
  /**
   * The live socket, for an app's own events; the same object for the session's whole life. It is authenticated while
   * the state is `active` or `refreshing`. For typed calls over it see `getApi` of `@latchkey/sdk-browser/api`.
   */
  readonly socket: Socket;

  /**
   * Makes an account and signs in. Resolves once the token is stored.
   *
   * Rejects with `identifier_taken`, `weak_password`, `registration_closed`, `tenant_unknown`, `invalid_request`,
   * `rate_limited`, `busy` (another sign-in is in flight in this tab), `code_*`, or `unavailable` when the service
   * cannot be reached.
   */
  register(input: RegisterInput): Promise<SessionUser>;
  /** Signs in. Resolves once the token is stored. Rejects with `invalid_credentials`, or as `register` does. */
  login(input: LoginInput): Promise<SessionUser>;
  /**
   * Takes up the stored session, if there is one, and follows the other tabs from now on. Resolves with the first
   * state that is an answer: `active`, `signed_out`, `offline` (it keeps trying) or `error`; closed before, with the last
   * one. Never rejects.
   */
  connect(): Promise<SessionState>;
  /** Calls `listener` after each change of {@link Session.state}. What listeners throw is reported, and harms nothing. */
  subscribe(listener: (state: SessionState) => void): Unsubscribe;
  on<Name extends keyof SessionEvents>(event: Name, listener: (payload: SessionEvents[Name]) => void): Unsubscribe;
  /**
   * `fetch` with `Authorization: Bearer`, or `DPoP` and a proof when the session is bound, for the service and the listed
   * `apis`, and for no other origin. Asks for a new access token when the old one is past its life, and once more after a
   * 401 `invalid_token` of our realm (RFC 6750 §3.1) when the body can be sent again. Rejects as `fetch` does.
   */
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>;
  /**
   * A new access token: over the socket when it is live, else by the refresh grant (RFC 6749 §6), which also replaces
   * the session token. Rejects with `unauthenticated` when nobody is signed in, or with why it failed.
   */
  refresh(): Promise<void>;
  /**
   * Ends the session on every tab, node and backend; resolves after the service committed it. When the service cannot
   * be reached it rejects with `unavailable` and **stays signed in**, unless `force` is set: then the token is
   * forgotten here, `{ ended: 0 }` says that nothing was ended there, and the session dies by its limits. `ended` is how
   * many sessions were ended, or 1 when another tab's news overtook the answer.
   */
  logout(input?: LogoutInput): Promise<EndedSessions>;
  /** The person did something; reported at most once a minute. Pointer and key presses call it by default. */
  activity(): void;
  /**
   * Frees socket, timers and listeners, and rejects a sign-in on its way with `unavailable`. The stored token stays; the
   * session object is of no more use.
   */
  close(): void;
}
