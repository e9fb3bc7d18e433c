import type { AccessClaims, CodeAnswer, Ended, LogoutScope, Me, SessionList } from '@latchkey/contract';
import type { AccessGrant, ExchangeRequest, Grant, Liveness, Peer } from '@latchkey/sdk-server';

/** Who calls, proved by an access token whose signature, time and session were checked. */
export interface Caller {
  readonly userId: string;
  readonly tenantId: string;
  readonly sid: string;
  /** Epoch seconds of the moment the password was shown. */
  readonly authTime: number;
  readonly claims: AccessClaims;
}

export interface LoginInput {
  readonly email: string;
  readonly password: string;
  readonly tenant?: string | undefined;
  readonly codeChallenge?: string | undefined;
  readonly app?: string | undefined;
  readonly state?: string | undefined;
}

export interface RegisterInput extends LoginInput {
  readonly profile?: Readonly<Record<string, unknown>> | undefined;
}

/** What the doors may ask for: one verb each, every one a paragraph in a file of its name. Rejections are `Failure`s. */
export interface Flows {
  register(input: RegisterInput, peer: Peer): Promise<CodeAnswer>;
  login(input: LoginInput, peer: Peer): Promise<CodeAnswer>;
  /** Redeems a code or rotates a token. */
  exchange(request: ExchangeRequest): Promise<Grant>;
  /** A new access token for a live session, no rotation. */
  refresh(sid: string): Promise<AccessGrant>;
  logout(sid: string, scope: LogoutScope): Promise<Ended>;
  /** RFC 7009: a session token or an access token ends its session; anything unknown is no error. */
  revoke(token: string): Promise<void>;
  inspect(sids: readonly string[]): Promise<readonly Liveness[]>;
  /** @throws unauthenticated */
  authenticate(accessToken: string): Promise<Caller>;
  me(caller: Caller): Promise<Me>;
  changePassword(caller: Caller, input: { current: string; next: string }, peer: Peer): Promise<Ended>;
  listSessions(caller: Caller): Promise<SessionList>;
  /** Ends one of the caller's own sessions. @throws not_found */
  endSession(caller: Caller, sid: string): Promise<Ended>;
}
