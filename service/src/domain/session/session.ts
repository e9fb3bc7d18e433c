import type { Deadline } from '../../db/deadline.ts';
import type { Tenant } from '../tenant/tenant.ts';

/** A live session as a statement has just proved it; everything a grant is made from. Times in epoch milliseconds. */
export interface LiveSession {
  readonly sid: string;
  readonly gen: number;
  readonly tag: Buffer;
  readonly userId: string;
  readonly tenantId: string;
  readonly jkt: string | null;
  readonly authTime: number;
  readonly amr: readonly string[];
  /** Scopes that the sign-in asked for, separated by spaces; `null`: all that the user may have. */
  readonly scope: string | null;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly idleSeconds: number | null;
  /** The database's time of the statement; access tokens count from it. */
  readonly readAtMs: number;
  readonly expiresAtMs: number;
  readonly idleExpiresAtMs: number | null;
}

/** What a code opens. `until` and `epoch`: nothing is opened after that moment, or in another database epoch. */
export interface NewSession
  extends Pick<LiveSession, 'sid' | 'userId' | 'jkt' | 'authTime' | 'amr' | 'scope' | 'claims'>,
    Pick<Deadline, 'until' | 'epoch'> {
  /** The user's credential version when the code was made; a changed password or a logout everywhere makes it worthless. */
  readonly credentialVersion: number;
  /** The tenant's code version at that time; `null`: not known. */
  readonly codeVersion: number | null;
  /** Tag of the first rotation key. */
  readonly tag: Buffer;
  readonly userAgent: string | null;
  readonly addressPrefix: string | null;
}

/** How many live sessions a user of a tenant may have. */
export type SessionPolicy = Pick<Tenant, 'maxSessions' | 'sessionLimit'>;

/** A session as its owner sees it in a list. */
export interface SessionSummary {
  readonly sid: string;
  readonly userAgent: string | null;
  readonly addressPrefix: string | null;
  readonly createdAt: Date;
  readonly lastActiveAt: Date;
  readonly expiresAt: Date;
  readonly online: boolean;
}

/** A live session as operators see it. */
export interface SessionDetails extends Omit<SessionSummary, 'online'> {
  readonly userId: string;
  readonly tenantId: string;
  readonly email: string | null;
  readonly generation: number;
  /** Bound to a browser's key. */
  readonly bound: boolean;
  /** Where its sockets are now. */
  readonly servers: readonly {
    readonly serverId: string;
    readonly backendId: string | null;
    readonly sockets: number;
  }[];
}

/** Which live sessions to end. */
export type EndTarget =
  | { readonly sids: readonly string[] }
  | { readonly userId: string; readonly except?: string }
  | { readonly sid: string; readonly userId: string };

/** Seconds until the session ends, by whichever limit comes first. */
export function remainingSeconds(session: LiveSession): { absolute: number; idle: number | null } {
  const until = (at: number) => Math.max(0, Math.floor((at - session.readAtMs) / 1_000));
  return {
    absolute: until(session.expiresAtMs),
    idle: session.idleExpiresAtMs === null ? null : until(session.idleExpiresAtMs),
  };
}
