import type { EndReason, SessionUser, UserSessionState } from '@latchkey/contract';
import { deepFreeze } from '@latchkey/core/internal';

/** A session as one server holds it, with the names of zerv-core. It is a snapshot, which does not change. */
export interface UserSession {
  /** The session's id. */
  readonly id: string;
  readonly userId: string;
  readonly tenantId: string;
  /** The user as the browser sees it: claims, `id`, `tenant_id`. */
  readonly payload: SessionUser;
  /** Also the session's id: one session can have sockets on several servers. */
  readonly origin: string;
  /** Server on which this user session was made; the same as `serverId`. */
  readonly zervServerId: string;
  /** Server whose sockets these are. */
  readonly serverId: string;
  readonly creation: Date;
  /** True while it has a socket there. */
  readonly active: boolean;
  /** Sockets there. */
  readonly connections: number;
  /** Last time the user was active. */
  readonly lastUpdate: Date;
}

/** A user session of this server. `creation` is when its first socket came here, `lastUpdate` when sockets last changed. */
export type LocalUserSession = UserSession;

/** Why a user session left this server: its end anywhere, or `inactive`: no socket came back in time. */
export type SessionDestroyReason = EndReason | 'inactive';

/** May return any value, also a promise. Its error is logged. */
export type SessionDestroyListener = (session: LocalUserSession, reason: SessionDestroyReason) => unknown;

/** Converts an entry of the service's presence to a user session. */
export function toUserSession(state: UserSessionState): UserSession {
  const { id, user_id, tenant_id, server_id, connections } = state;
  return Object.freeze<UserSession>({
    id,
    userId: user_id,
    tenantId: tenant_id,
    payload: deepFreeze({ ...state.claims, id: user_id, tenant_id }),
    origin: id,
    zervServerId: server_id,
    serverId: server_id,
    creation: new Date(state.created_at),
    active: connections > 0,
    connections,
    lastUpdate: new Date(state.updated_at),
  });
}
