import type { EndReason, ErrorCode, SessionUser } from '@latchkey/contract';
import type { UnboundReason } from './proof/prover.ts';

/**
 * - `signed_out`  nobody is signed in here; `reason` says why, when something ended it.
 * - `connecting`  a credential is being shown to the service.
 * - `active`      signed in, on a live socket.
 * - `refreshing`  signed in, on a live socket, a token is being replaced.
 * - `offline`     signed in as far as known; there is no socket, and the SDK reconnects. With the reason
 *                 `no_websocket` it works over HTTP alone.
 * - `error`       the service refuses to understand this client (`reason`); the stored token is kept.
 */
export type SessionStatus = 'signed_out' | 'connecting' | 'active' | 'refreshing' | 'offline' | 'error';

/**
 * What is in the way of the socket:
 * - `no_websocket`        HTTP reaches the server, WebSocket does not; attempts go on
 * - `origin_refused`      the server does not allow this page's origin
 * - `not_a_service`       something else is served at that address
 * - `connection_refused`  the Socket.IO server refuses the connection before sign-in
 */
export type ConnectionProblemReason = 'no_websocket' | 'origin_refused' | 'not_a_service' | 'connection_refused';

/**
 * Why a session is over, is `error`, or has no socket: a reason of `logged_out`, a code of the error table, an obstacle, or
 * `key_lost`: it is bound to a key that this browser does not have (any more), so it cannot be used here.
 */
export type SessionReason = EndReason | ErrorCode | ConnectionProblemReason | 'key_lost';

/** What is known of a session's key. */
export interface KeyBinding {
  /** Every use of the session needs a proof by this browser's key. Known after the first `authenticated`. */
  readonly isBound?: boolean;
  /** Why this browser binds no sign-ins. */
  readonly unboundReason?: UnboundReason;
}

export type { SessionUser };

/** What a page shows. Frozen; a change makes a new object. */
export interface SessionState extends KeyBinding {
  readonly status: SessionStatus;
  /**
   * With `signed_out` and `error`, and with `offline` when the cause is known. Absent when no session was ever signed in, or
   * storage was empty.
   */
  readonly reason?: SessionReason;
  /** Known after the first `authenticated`; stays through `offline`. */
  readonly user?: SessionUser;
  readonly sessionId?: string;
  /** How often the session's token was replaced, as far as this tab knows. */
  readonly generation?: number;
  /** Scopes of the newest access token, separated by spaces; `''`: none. */
  readonly scope?: string;
}

/** What can happen to a session, as seen by one tab. */
export type SessionAction =
  | { readonly type: 'connecting'; readonly sessionId?: string; readonly generation?: number }
  | {
      readonly type: 'authenticated';
      readonly user: SessionUser;
      readonly sessionId: string;
      readonly generation: number;
      readonly scope?: string;
      readonly binding?: KeyBinding;
    }
  | { readonly type: 'advanced'; readonly sessionId: string; readonly generation: number; readonly scope?: string }
  | { readonly type: 'refreshing' }
  | { readonly type: 'refreshed'; readonly scope?: string | undefined }
  | {
      readonly type: 'redeemed';
      readonly user: SessionUser;
      readonly sessionId: string;
      readonly generation: number;
      readonly scope?: string;
      readonly binding: KeyBinding;
    }
  | { readonly type: 'offline'; readonly reason?: SessionReason }
  | { readonly type: 'signed_out'; readonly reason?: SessionReason }
  | { readonly type: 'error'; readonly reason: SessionReason };

export const signedOut: SessionState = Object.freeze({ status: 'signed_out' });

/**
 * True while a user is signed in as far as this tab knows, also while the session is offline or reconnects. Choose by it what
 * is mounted.
 */
export function isSignedIn(state: SessionState): boolean {
  return state.user !== undefined && state.status !== 'signed_out';
}
