import type { SessionUser } from '@latchkey/contract';
import type { ConnectionProblemReason } from '../connection/connection-diagnostics.ts';
import type { UnboundReason } from '../proof/prover.ts';
import type { TokenEndReason } from '../tokens/token-store.ts';

/**
 * - `signed_out`  no user is signed in. `reason` is present if a session has ended.
 * - `connecting`  a credential is presented to the service.
 * - `active`      the user is signed in on a live socket.
 * - `refreshing`  the user is signed in on a live socket, and a token is being replaced.
 * - `offline`     the user is signed in as far as known. There is no socket, and the SDK reconnects. With the reason
 *                 `no_websocket` the session works over HTTP alone.
 * - `error`       the service rejects this client (`reason`). The stored token is kept, and `connect` tries again.
 */
export type SessionStatus = 'signed_out' | 'connecting' | 'active' | 'refreshing' | 'offline' | 'error';

/**
 * Why a session has ended, is in `error`, or has no socket: a reason of `logged_out`, a code of the error table, a connection
 * problem, or `key_lost`. With `key_lost` the session is bound to a key that this browser does not have, and cannot be used here.
 */
export type SessionReason = TokenEndReason | ConnectionProblemReason;

/** Whether a session is bound to a key of this browser (RFC 9449). */
export interface KeyBinding {
  /** True if each request of the session needs a proof by the key. Known after the first `authenticated`. */
  readonly isBound?: boolean;
  /** Why sign-ins in this browser are not bound. */
  readonly unboundReason?: UnboundReason;
}

export type { SessionUser };

/** State of a session. Frozen. Each change creates a new object. */
export interface SessionState extends KeyBinding {
  readonly status: SessionStatus;
  /**
   * Present with `signed_out` and `error`, and with `offline` when the cause is known. Absent when the storage was empty or no
   * session has been signed in.
   */
  readonly reason?: SessionReason;
  /** Known after the first `authenticated`. It stays while the session is `offline`. */
  readonly user?: SessionUser;
  readonly sessionId?: string;
  /** How often the session's token was replaced, as far as this tab knows. */
  readonly generation?: number;
  /** Scopes of the newest access token, separated by spaces. `''` means none. */
  readonly scope?: string;
}

/** Actions that change the state of a session. */
export type SessionAction =
  | { readonly type: 'connecting'; readonly sessionId?: string; readonly generation?: number }
  | {
      readonly type: 'authenticated' | 'redeemed';
      readonly user: SessionUser;
      readonly sessionId: string;
      readonly generation: number;
      readonly scope?: string;
      readonly binding?: KeyBinding;
    }
  | { readonly type: 'advanced'; readonly sessionId: string; readonly generation: number; readonly scope?: string }
  | { readonly type: 'refreshing' }
  | { readonly type: 'refreshed'; readonly scope?: string | undefined }
  | { readonly type: 'offline'; readonly reason?: SessionReason }
  | { readonly type: 'signed_out'; readonly reason?: SessionReason }
  | { readonly type: 'error'; readonly reason: SessionReason };

/** The state of a new session. */
export const signedOut: SessionState = Object.freeze({ status: 'signed_out' });

/**
 * True while a user is signed in as far as this tab knows, also while the session is offline or reconnects. Use it to choose
 * what the page renders.
 *
 * @example
 * session.subscribe((state) => render(isSignedIn(state) ? 'account' : 'sign-in'));
 */
export function isSignedIn(state: SessionState): boolean {
  return state.user !== undefined && state.status !== 'signed_out';
}
