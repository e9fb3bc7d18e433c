import type { EndReason } from '@latchkey/contract';

/** A session as this server holds it: a snapshot, never changed afterwards. */
export interface LocalUserSession {
  /** The session's id. */
  readonly id: string;
  readonly userId: string;
  readonly tenantId: string;
  /** The user as the browser sees it: claims, `id`, `tenant_id`. */
  readonly payload: Readonly<Record<string, unknown>>;
  /** The session's id as well: one session can be local on several servers. */
  readonly origin: string;
  /** Server on which this user session was made. */
  readonly zervServerId: string;
  readonly creation: Date;
  /** True while it has a socket here. */
  readonly active: boolean;
  /** Sockets here. */
  readonly connections: number;
  readonly lastUpdate: Date;
}

/** Why a user session left this server: its end anywhere, or `inactive`: no socket came back in time. */
export type LocalDestroyReason = EndReason | 'inactive';

export type LocalDestroyListener = (session: LocalUserSession, reason: LocalDestroyReason) => void;
