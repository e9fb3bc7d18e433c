import type { UserSessionState } from '@latchkey/contract';
import type { PresenceView } from '../client/presence-cache.ts';

/** The sessions with sockets anywhere in the cluster, by tenant and user. */
export type UserIndex = ReturnType<typeof createUserIndex>;

type Sessions = Map<string, UserSessionState>;

const keyOf = ({ id, server_id }: UserSessionState) => `${id} ${server_id}`;

/** Follows the list of sessions, and calls `onChange` after each change with the session as it is now. */
export function createUserIndex({
  userSessions,
  onChange,
}: {
  userSessions: PresenceView;
  onChange: (session: UserSessionState) => void;
}) {
  const tenants = new Map<string, Map<string, Sessions>>();

  function add(session: UserSessionState): void {
    const users = tenants.get(session.tenant_id) ?? new Map<string, Sessions>();
    const sessions: Sessions = users.get(session.user_id) ?? new Map();
    tenants.set(session.tenant_id, users.set(session.user_id, sessions.set(keyOf(session), session)));
  }

  function remove(session: UserSessionState): void {
    const users = tenants.get(session.tenant_id);
    const sessions = users?.get(session.user_id);
    if (!sessions?.delete(keyOf(session)) || sessions.size > 0) return;
    users?.delete(session.user_id);
    if (users?.size === 0) tenants.delete(session.tenant_id);
  }

  for (const session of userSessions.all()) if (session.connections > 0) add(session);
  const close = userSessions.onChange((_change, session) => {
    if (session.connections > 0) add(session);
    else remove(session);
    onChange(session);
  });

  return Object.freeze({
    /** The ids of the tenant's users who are online. */
    usersOf: (tenantId: string) => tenants.get(tenantId)?.keys() ?? [],
    /** The user's sessions, one for each server; empty: the user is offline. */
    sessionsOf: (tenantId: string, userId: string) => [...(tenants.get(tenantId)?.get(userId)?.values() ?? [])],
    close,
  });
}
