import type { EndedSessions, WireError } from '@latchkey/contract';
import type { Socket } from 'socket.io-client';
import type { LoginInput, RegisterInput } from '../auth/sign-in.ts';
import type { LogoutInput } from '../auth/sign-out.ts';
import type { SocketFactory } from '../connection/connection.ts';
import type { StorageProvider, TokenStorage } from '../platform/storage.ts';
import type { Timers } from '../platform/timers.ts';
import type { UnboundReason } from '../proof/prover.ts';
import type { Persistence } from '../tokens/storage-location.ts';
import type { SessionReason, SessionState, SessionUser } from './session-state.ts';

/** Options of `createSession`. */
export interface SessionOptions {
  /** Origin of the service, such as `https://id.example.com`. A path is rejected. */
  readonly url: string;
  /** Origin of the socket server: an app that mounts sdk-server. Default: `url`. */
  readonly socketUrl?: string;
  /**
   * Further origins to which `fetch` sends the access token. Default: only `url`. A console warning names each origin that
   * was fetched without the token.
   */
  readonly apis?: readonly string[];
  /** How long a sign-in is kept. Default: `local`. */
  readonly persistence?: Persistence;
  /** Storage of the token, instead of `persistence`. Default: `localStorage`, or memory where that is forbidden. */
  readonly storage?: TokenStorage | StorageProvider;
  /**
   * Part of the names under which this session keeps its token, its rotation keys, its key for proofs, and the channel and the
   * lock of its tabs. Apps of one origin share a session only if `url` and `storageKey` are the same. With `''` only the `url`
   * counts. Default: `tenant`.
   */
  readonly storageKey?: string;
  /** Tenant of `login` and `register` if their input has none. Default: the default tenant of the service. */
  readonly tenant?: string;
  /**
   * Binds new sign-ins to a non-extractable key of this browser (RFC 9449), where the browser can keep one. See
   * {@link Session.isBound}. A bound session stays bound. Default: true.
   */
  readonly useDpop?: boolean;
  /** Reports pointer, wheel and key events as activity of the user, at most once a minute. Default: true. */
  readonly trackActivity?: boolean;
  /** For tests. Default: the platform's. */
  readonly timers?: Timers;
  /** For tests. Default: `io` of socket.io-client. */
  readonly createSocket?: SocketFactory;
  /** For tests: 0 ≤ random() < 1, used for jitter only. Default: `Math.random`. */
  readonly random?: () => number;
}

/** Events of {@link Session.on} and their payloads. */
export interface SessionEvents {
  /** The state has changed. */
  state: SessionState;
  /** This tab has received a token of the session, the first one or a later one. */
  authenticated: { readonly user: SessionUser; readonly sessionId: string; readonly generation: number };
  /** The session has ended in this browser. */
  logged_out: { readonly reason: SessionReason };
  /** The service refused a credential. The SDK retries after most refusals. */
  unauthorized: WireError;
  /** The session will end in `inSeconds`. */
  session_expiring: { readonly inSeconds: number; readonly reason: 'idle_timeout' | 'expired' };
  /** The server is about to stop. The SDK reconnects after that time. */
  server_drain: { readonly reconnectAfterMs: number };
}

/** Removes the listener or the subscription. A second call has no effect. */
export type Unsubscribe = () => void;

/** The session of a browser, as seen by one tab. Its methods reject with a `Failure` that has a `code`. */
export interface Session {
  /** The current state. Each change creates a new object. */
  readonly state: SessionState;
  readonly user: SessionUser | undefined;
  readonly sessionId: string | undefined;
  readonly generation: number | undefined;
  /**
   * Scopes of the newest access token, separated by spaces. `''` means none. `undefined` while signed out. The service decides
   * the scopes again for each access token.
   */
  readonly scope: string | undefined;
  /**
   * True if the session is bound to a key of this browser. A stolen token is then useless without the key. Known after the
   * first `authenticated`.
   */
  readonly isBound: boolean | undefined;
  /** Why sign-ins in this browser are not bound. Known after the first attempt to read the key. */
  readonly unboundReason: UnboundReason | undefined;
  /**
   * The socket of the session, for events of the app. It is the same object until the session is closed, and authenticated
   * while the state is `active` or `refreshing`. For typed calls use `getApi` of `@latchkey/sdk-browser/api`.
   */
  readonly socket: Socket;

  /**
   * Creates an account and signs in. Resolves with the user after the token is stored.
   *
   * Rejects with `identifier_taken`, `weak_password`, `registration_closed`, `tenant_unknown`, `invalid_request`,
   * `rate_limited`, `busy` (another sign-in is in flight in this tab), `code_*`, or `unavailable` when the service
   * cannot be reached. Where the tenant requires a verified address, it rejects with {@link VerificationRequired}: a mail was sent,
   * and `continueWith` signs in with its code.
   *
   * @example
   * const user = await session.register({ email, password, profile: { name } });
   */
  register(input: RegisterInput): Promise<SessionUser>;
  /**
   * Signs in. Resolves with the user after the token is stored. Rejects with `invalid_credentials`, after the right password with
   * `user_disabled`, `tenant_disabled`, `password_change_required` or `session_limit_reached`, or with the codes of `register`. For an account whose address is not verified it requests the mail, and rejects with {@link VerificationRequired}.
   *
   * @example
   * const user = await session.login({ email, password });
   */
  login(input: LoginInput): Promise<SessionUser>;
  /**
   * Resumes the stored session, if there is one, and adopts changes of other tabs until `close`. Resolves with the first state
   * that is not `connecting`: `active`, `signed_out`, `offline` (the SDK keeps trying) or `error`. Resolves with the current
   * state when the session is closed before. Never rejects.
   *
   * @example
   * const { status, reason } = await session.connect();
   */
  connect(): Promise<SessionState>;
  /** Calls `listener` after each change of {@link Session.state}. An error of a listener is reported to the page only. */
  subscribe(listener: (state: SessionState) => void): Unsubscribe;
  /** Calls `listener` at each event of that name. Throws `TypeError` for an unknown event. */
  on<Name extends keyof SessionEvents>(event: Name, listener: (payload: SessionEvents[Name]) => void): Unsubscribe;
  /**
   * `fetch` with the access token: `Authorization: Bearer`, or `DPoP` and a proof when the session is bound. The token is sent
   * only to the service and to the origins of `apis`. An expired token is renewed first. After a 401 `invalid_token` of the
   * realm `latchkey` (RFC 6750 §3.1) the request is sent once more with a new token, if its body can be sent again. Rejects as
   * `fetch` does, or with the codes of `refresh`.
   *
   * @example
   * const response = await session.fetch('https://api.example.com/accounts');
   */
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>;
  /**
   * Gets a new access token: over the live socket, else by the refresh grant (RFC 6749 §6), which also replaces the token of the
   * session. Rejects with `unauthenticated` when no user is signed in, or with the code of the refusal.
   */
  refresh(): Promise<void>;
  /**
   * Ends the session in all tabs, nodes and backends. Resolves after the service has committed the end, with the number of ended
   * sessions. When the service cannot be reached it rejects with `unavailable` and **stays signed in**. With `force` the token
   * is erased in this browser instead, the result is `{ ended: 0 }`, and the session at the service expires. The result is
   * `{ ended: 1 }` when the end reached this tab through another tab before the answer.
   *
   * @example
   * const { ended } = await session.logout({ scope: 'all' });
   */
  logout(input?: LogoutInput): Promise<EndedSessions>;
  /** Reports activity of the user, at most once a minute. By default the SDK calls it at pointer, wheel and key events. */
  activity(): void;
  /**
   * Closes the socket, the timers and the listeners, and rejects a sign-in in flight with `unavailable`. The stored token is
   * kept. The session object cannot be used afterwards.
   */
  close(): void;
}
