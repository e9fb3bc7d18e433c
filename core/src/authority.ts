import type { EndReason, LogoutScope } from '@latchkey/contract';

/** The client of a connection, as observed by the server, never as reported by the client. */
export interface ClientInfo {
  /** SHA-256 of the connection's engine id: the nonce that a proof names. The id itself is never shown. */
  readonly connectionId: string;
  readonly origin: string | null;
  /** Origin under which the browser opened this server, as a proof on a socket names it. Absent: the request came over HTTP. */
  readonly socketOrigin?: string | undefined;
  readonly address: string | null;
  readonly userAgent: string | null;
}

/** A code or session token that a browser presents, with what belongs to the attempt. */
export interface ExchangeRequest {
  /** A code or a session token. The `typ` of its header says which. */
  readonly credential: string;
  readonly codeVerifier?: string | undefined;
  /** Rotation key of this attempt, 16 bytes as base64url; absent: a plain client. */
  readonly rotationKey?: string | undefined;
  /** Further rotation keys of the token storage, at most three. */
  readonly alsoRotationKeys: readonly string[];
  readonly proof?: string | undefined;
  /** When the browser made the request, in ms of the database's clock: the `now` of an earlier answer and the time since then. */
  readonly askedAt?: number | undefined;
  /** With a session token: fewer scopes for the access token of the answer (RFC 6749 §6). */
  readonly scope?: string | undefined;
  /** The session of a connection that is authenticated already. A credential of another session is refused and stays valid. */
  readonly expectedSid?: string | undefined;
  readonly peer: ClientInfo;
  /** True once the client has disconnected. A queued request is then dropped. */
  readonly isDisconnected: () => boolean;
}

/** When a session may end, in seconds from the database's now. `null` = no such limit. */
export interface SessionLifetime {
  readonly expiresInSeconds: number;
  readonly idleExpiresInSeconds: number | null;
}

/** A new access token of a live session. */
export interface AccessGrant extends SessionLifetime {
  readonly accessToken: string;
  readonly accessTokenExpiresInSeconds: number;
  /** Scopes of the access token, separated by spaces; `''`: none. */
  readonly scope: string;
  readonly refreshInSeconds: number;
}

/** An accepted code or session token: the session, its next session token and an access token. */
export interface Grant extends AccessGrant {
  readonly sid: string;
  readonly userId: string;
  readonly tenantId: string;
  readonly generation: number;
  readonly token: string;
  readonly rotateInSeconds: number;
  readonly idleTimeoutInSeconds: number | null;
  /** Claims of the `claim` hook. The endpoint adds `id` and `tenant_id`. */
  readonly claims: Readonly<Record<string, unknown>>;
  readonly serverTimeMs: number;
  /** The database's time when the grant was made, in epoch ms; the browser counts from it when it asks next. */
  readonly nowMs?: number | undefined;
}

/** State of one session: live with its remaining times, or ended with the reason. */
export type SessionInspection = { readonly sid: string } & (
  | ({ readonly alive: true } & SessionLifetime)
  | { readonly alive: false; readonly reason: EndReason }
);

/**
 * Validates codes, tokens and sessions: the service itself (local authority), or a backend's connection to it. The
 * browser protocol is implemented once with this interface. Every method rejects with a `Failure` of the contract.
 * Transient errors are `unavailable` and say nothing about a token.
 */
export interface Authority {
  /** Redeems a code or rotates a token. `Failure.verified` is true when the credential's signature was valid. */
  exchange(request: ExchangeRequest): Promise<Grant>;
  /** The client has stored the token of this generation. Batched. May be lost on a crash, with no effect on the session. */
  confirm(sid: string, generation: number): void;
  /** A new access token for a live session; no rotation. */
  refresh(sid: string, options: { admin: boolean; scope?: string | undefined }): Promise<AccessGrant>;
  /** Ends sessions. Resolves after the commit. The sockets are notified through {@link Authority.onEnded}. */
  logout(sid: string, options: { scope: LogoutScope }): Promise<{ ended: number }>;
  /** The user was active: extends the idle limit. Batched, and may be lost on a crash. */
  activity(sid: string): void;
  /** How many sockets of the session this server holds now; 0 after the last one has closed. Batched. */
  presence(sid: string, sockets: number): void;
  /** Reads the rows again, before anything is closed at a deadline. */
  inspect(sids: readonly string[]): Promise<readonly SessionInspection[]>;
  /** The reason why the session ended, if the revocation cache of this server has it. */
  endedReason(sid: string): EndReason | undefined;
  /** Sessions that ended anywhere in the cluster. Returns the function that removes the listener. */
  onEnded(listener: (sid: string, reason: EndReason) => void): () => void;
  /**
   * Tenants whose limits were changed anywhere in the cluster, so that lifetimes have to be read again; `undefined`:
   * perhaps any. Returns the function that removes the listener.
   */
  onTenantChanged(listener: (tenantId: string | undefined) => void): () => void;
}
