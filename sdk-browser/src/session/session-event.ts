import type { Authenticated, Failure, SessionUser, WireError } from '@latchkey/contract';
import type { CodeExchangeResult } from '../auth/http-code-exchange.ts';
import type { StoredToken } from '../tokens/token.ts';
import type { TokenEnd } from '../tokens/token-store.ts';
import type { SessionEvents } from './session.ts';
import type { KeyBinding, SessionAction, SessionReason } from './session-state.ts';

/** The token storage, as read in the task of an event. */
export interface StorageFacts {
  /** The stored token. */
  readonly stored: StoredToken | undefined;
  /** The last session that was erased, by any tab. */
  readonly lastEnd: TokenEnd | undefined;
}

/** Events that change the public state by one action of the same name, and that have no effects. */
export type StateEvent = Extract<
  SessionAction,
  { readonly type: 'connecting' | 'advanced' | 'refreshing' | 'refreshed' | 'offline' }
>;

/** What happened to a session: to its connection, its credential, its tokens, its timers, or in another tab. */
export type SessionEvent =
  | StateEvent
  /** The page resumes the session, or signs in again. */
  | ({ readonly type: 'resumed' } & StorageFacts)
  /** The session was closed permanently. */
  | { readonly type: 'closed' }
  /** The connection is open. */
  | ({ readonly type: 'connected' } & StorageFacts)
  /** The connection was closed, by either side. */
  | { readonly type: 'disconnected' }
  /** Another connection is about to replace the present one. */
  | ({ readonly type: 'reconnecting' } & StorageFacts)
  /** An attempt failed before the connection was open. */
  | { readonly type: 'connect_failed'; readonly error?: Error | undefined }
  /** The credential was accepted, and its token is stored. */
  | ({
      readonly type: 'authenticated';
      readonly answer: Authenticated;
      readonly held: StoredToken;
      readonly binding: KeyBinding;
    } & StorageFacts)
  /** A credential was refused. */
  | { readonly type: 'unauthorized'; readonly error: WireError }
  /** The session has ended. Without `reason` the storage has it, or no token is stored. */
  | {
      readonly type: 'ended';
      readonly sessionId: string | undefined;
      readonly reason: SessionReason | undefined;
      readonly lastEnd: TokenEnd | undefined;
    }
  /** The service rejects this client. The token is kept. */
  | { readonly type: 'rejected'; readonly reason: SessionReason }
  /** A sign-in has received a code, which is pending from now on. */
  | ({ readonly type: 'code_received' } & StorageFacts)
  /** The pending code was refused permanently. */
  | ({ readonly type: 'code_rejected'; readonly failure: Failure } & StorageFacts)
  /** The pending code has reached its timeout. */
  | ({ readonly type: 'code_timed_out' } & StorageFacts)
  /** The pending code was redeemed over HTTP, and its token is stored. */
  | ({ readonly type: 'redeemed'; readonly binding: KeyBinding } & CodeExchangeResult)
  /** The token storage may have changed. */
  | ({ readonly type: 'tokens_changed' } & StorageFacts)
  /** A log-out has begun. Changes of other tabs are adopted only after it. */
  | { readonly type: 'logout_started' }
  | ({ readonly type: 'logout_finished' } & StorageFacts)
  /** The access token has to be replaced. */
  | { readonly type: 'refresh_due' }
  /** The token of the session has to be replaced. */
  | ({ readonly type: 'rotation_due' } & StorageFacts);

/** Names of the events that hold what the token storage has, and nothing else. */
export type EventWithStorage =
  | 'resumed'
  | 'connected'
  | 'reconnecting'
  | 'code_received'
  | 'code_timed_out'
  | 'tokens_changed'
  | 'logout_finished'
  | 'rotation_due';

/** An event for the listeners of the page. */
type Notification = {
  [Name in keyof SessionEvents]: { readonly name: Name; readonly payload: SessionEvents[Name] };
}[Exclude<keyof SessionEvents, 'state'>];

/** What a component has to do after an event. The effects of one event run in their order, in its task. */
export type Effect =
  /** Emits the state, if it has changed. */
  | { readonly type: 'publish' }
  /** Emits another event. */
  | ({ readonly type: 'emit' } & Notification)
  /** Closes the connection and opens a new one. */
  | { readonly type: 'start' }
  /** Closes the connection and cancels the schedule. */
  | { readonly type: 'stop' }
  /** Presents the pending code or the stored token, which is read when the effect runs. */
  | { readonly type: 'present' }
  /** Resets the authentication of a connection that was closed. */
  | { readonly type: 'reset' }
  /** Finds out why the connection could not be opened. */
  | { readonly type: 'diagnose'; readonly error: Error | undefined }
  /** Takes the access token, the schedule and the time of an answer. */
  | { readonly type: 'grant'; readonly answer: Authenticated }
  | { readonly type: 'set_access_token'; readonly token: string; readonly expiresInSeconds: number }
  | { readonly type: 'clear_access_token' }
  /** Gets a new access token. */
  | { readonly type: 'renew' }
  /** Schedules the next rotation from now. */
  | { readonly type: 'schedule_rotation' }
  /** Notifies the other tabs. */
  | { readonly type: 'broadcast' }
  /** Settles the sign-in whose code was pending. */
  | { readonly type: 'resolve_code'; readonly user: SessionUser }
  | { readonly type: 'reject_code'; readonly failure: Failure }
  /** Warns that another tab has signed in another user. */
  | { readonly type: 'warn_of_other_user' };
