import type {
  CodeResponse,
  CurrentUser,
  EndedSessions,
  Introspection,
  LogoutScope,
  SessionsResponse,
} from '@latchkey/contract';
import type { AccessGrant, SessionInspection } from '@latchkey/core';
import type { Deadline } from '../db/deadline.ts';
import type { RefreshOptions } from './refresh.ts';
import type {
  Caller,
  Client,
  ClientCredential,
  CredentialRequest,
  Endpoint,
  ExchangeResult,
  LoginRequest,
  PresentedAccessToken,
  RegisterRequest,
} from './types.ts';

/**
 * What the endpoints may call: one verb each, every one a paragraph in a file of its name. Rejections are `Failure`s. A
 * `deadline` that is left out is that of a request which was read just now.
 */
export interface Flows {
  /** Fixes the moment at which a request was read; the function gives its deadline. It throws `unavailable` while the database's clock is unknown. */
  receive(): (askedAt?: number) => Deadline;
  /** The database's time in whole ms, which answers carry as `now`; `undefined` before it was read. */
  now(): number | undefined;
  register(input: RegisterRequest, peer: Client, deadline?: Deadline): Promise<CodeResponse>;
  login(input: LoginRequest, peer: Client, deadline?: Deadline): Promise<CodeResponse>;
  /**
   * Redeems a code or rotates a token that was presented on a socket of this service or at this endpoint.
   *
   * @param deadline of a request that was read before; default: read just now
   */
  exchange(request: CredentialRequest, endpoint?: Endpoint, deadline?: Deadline): Promise<ExchangeResult>;
  /** A new access token for a live session, no rotation. `admin`: for `/admin`. @throws forbidden · reauthentication_required */
  refresh(sid: string, options?: RefreshOptions): Promise<AccessGrant>;
  /** @throws unavailable the deadline passed; sessions may live on */
  logout(sid: string, scope: LogoutScope, deadline?: Deadline): Promise<EndedSessions>;
  /** RFC 7009: a session token or an access token ends its session; anything unknown is no error. */
  revoke(token: string, deadline?: Deadline): Promise<void>;
  /** RFC 7662, for a backend with the scope `introspect`. @throws unauthenticated · forbidden */
  introspect(credential: ClientCredential, token: string): Promise<Introspection>;
  /** Runs the hook `claim` again for the user's live sessions. @throws not_found · what the hook throws */
  recomputeClaims(userId: string): Promise<{ readonly changed: number }>;
  inspect(sids: readonly string[]): Promise<readonly SessionInspection[]>;
  /** @throws unauthenticated · proof_required · proof_invalid · use_dpop_nonce */
  authenticate(accessToken: string, shown?: PresentedAccessToken): Promise<Caller>;
  me(caller: Caller): Promise<CurrentUser>;
  changePassword(
    caller: Caller,
    input: { current: string; next: string },
    peer: Client,
    deadline?: Deadline,
  ): Promise<EndedSessions>;
  listSessions(caller: Caller): Promise<SessionsResponse>;
  /** Ends one of the caller's own sessions. @throws not_found */
  endSession(caller: Caller, sid: string, deadline?: Deadline): Promise<EndedSessions>;
}
