import type { EndReason, ErrorCode } from '@latchkey/contract';
import type { UnboundReason } from './proof/prover.ts';

/**
 * - `signed_out`  nobody is signed in here; `reason` says why, when something ended it.
 * - `joining`     a credential is being shown to the service.
 * - `active`      signed in, on a live socket.
 * - `refreshing`  signed in, on a live socket, a token is being replaced.
 * - `offline`     signed in as far as known; the service cannot be reached, the session comes back by itself.
 * - `lost`        the service refuses to understand this client (`reason`); the stored token is kept.
 */
export type SessionStatus = 'signed_out' | 'joining' | 'active' | 'refreshing' | 'offline' | 'lost';

/**
 * Why a session is over, or why it is `lost`: a reason of `logged_out`, a code of the error table, or `key_lost`: it is
 * bound to a key that this browser does not have (any more), so it cannot be used here.
 */
export type SessionReason = EndReason | ErrorCode | 'key_lost';

/** What is known of a session's key. */
export interface Binding {
  /** Every use of the session needs a proof by this browser's key. Known after the first `authenticated`. */
  readonly isBound?: boolean;
  /** Why this browser binds no sign-ins. */
  readonly unboundReason?: UnboundReason;
}

/** The signed-in user: the claims of the `claim` hook, with `id` and `tenant_id`. */
export interface SessionUser {
  readonly id: string;
  readonly tenant_id: string;
  readonly [claim: string]: unknown;
}

/** What a page shows. Frozen; a change makes a new object. */
export interface SessionState extends Binding {
  readonly status: SessionStatus;
  /** With `signed_out` and `lost`. Absent when nothing was ever signed in, or storage was simply empty. */
  readonly reason?: SessionReason;
  /** Known after the first `authenticated`; stays through `offline`. */
  readonly user?: SessionUser;
  readonly sessionId?: string;
  /** How often the session's token was replaced, as far as this tab knows. */
  readonly generation?: number;
}

/** What can happen to a session, as seen by one tab. */
export type Happening =
  | { readonly type: 'joining'; readonly sessionId?: string; readonly generation?: number }
  | {
      readonly type: 'authenticated';
      readonly user: SessionUser;
      readonly sessionId: string;
      readonly generation: number;
      readonly binding?: Binding;
    }
  | { readonly type: 'advanced'; readonly sessionId: string; readonly generation: number }
  | { readonly type: 'refreshing' }
  | { readonly type: 'refreshed' }
  | { readonly type: 'offline' }
  | { readonly type: 'signed_out'; readonly reason?: SessionReason }
  | { readonly type: 'lost'; readonly reason: SessionReason };

export const signedOut: SessionState = Object.freeze({ status: 'signed_out' });

/** True while somebody is signed in as far as this tab knows, reachable or not. */
export function isSignedIn(state: SessionState): boolean {
  return state.user !== undefined && state.status !== 'signed_out';
}
