import type { SessionUser, UserSessionState } from '@latchkey/contract';
import { deepFreeze } from '@latchkey/core/internal';

/** A session as one server holds it, with the names of old: a snapshot, never changed afterwards. */
export interface UserSession {
  /** The session's id. */
  readonly id: string;
  readonly userId: string;
  readonly tenantId: string;
  /** The user as the browser sees it: claims, `id`, `tenant_id`. */
  readonly payload: SessionUser;
  /** The session's id as well: one session can stand on several servers. */
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
  /** Last time the person was active. */
  readonly lastUpdate: Date;
}

/** The user session that the service tells of. */
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
