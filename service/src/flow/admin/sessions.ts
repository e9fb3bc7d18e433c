import { type AdminSession, type CursorPage, type EndedSessions, fail } from '@latchkey/contract';
import { browserName } from '../../base/user-agent.ts';
import { type Transaction, withTransaction } from '../../db/transaction.ts';
import type { SessionDetails } from '../../domain/session/session.ts';
import type { SessionQuery } from '../../domain/session/session-list-store.ts';
import { prefixPattern } from '../../domain/user/identifier.ts';
import { awaitRevocations } from '../await-revocations.ts';
import type { FlowContext } from '../context.ts';
import { type Actor, auditFields, canSee } from './actor.ts';
import { listedTenant } from './listed-tenant.ts';
import { getWritableUser } from './visible-user.ts';

/** Which live sessions; `emailPrefix` is the beginning of the user's address. */
export type SessionFilter = Omit<SessionQuery, 'emailPattern'> & { readonly emailPrefix?: string | undefined };

/** @throws tenant_unknown · invalid_request the cursor */
export async function listSessions(
  context: Pick<FlowContext, 'db' | 'sessions' | 'tenants'>,
  actor: Actor,
  { emailPrefix, ...filter }: SessionFilter,
): Promise<CursorPage<'sessions', AdminSession>> {
  const tenantId = await listedTenant(context, actor, filter.tenantId);
  const emailPattern = emailPrefix === undefined ? undefined : prefixPattern(emailPrefix);
  const { rows, next } = await context.sessions.listDetails(context.db, { ...filter, tenantId, emailPattern });
  return { sessions: rows.map(toView), next_cursor: next };
}

/** @throws not_found it does not live, or is not the actor's to see */
export async function findSession(
  context: Pick<FlowContext, 'db' | 'sessions'>,
  actor: Actor,
  sid: string,
): Promise<AdminSession> {
  return toView(await getVisibleSession(context, actor, sid));
}

async function getVisibleSession(
  { sessions, db }: Pick<FlowContext, 'db' | 'sessions'>,
  actor: Actor,
  sid: string,
): Promise<SessionDetails> {
  const session = await sessions.findDetails(db, sid);
  if (session === undefined || !canSee(actor, session.tenantId))
    throw fail('not_found', { message: 'There is no live session with this id.' });
  return session;
}

/**
 * Ends one session. Its sockets get `logged_out` with `ended_by_operator`.
 *
 * @throws not_found · forbidden an operator's, for a backend of one tenant
 */
export async function endSession(
  context: Pick<FlowContext, 'audit' | 'clock' | 'db' | 'feed' | 'sessions' | 'users'>,
  actor: Actor,
  id: string,
): Promise<EndedSessions> {
  const { sid, userId, tenantId } = await getVisibleSession(context, actor, id);
  await getWritableUser(context, actor, userId);
  const end = async ({ tx }: Transaction) => {
    const entry = { ...auditFields(actor, { of: 'session' }), userId, tenantId, sid };
    await context.audit.record(tx, { ...entry, action: 'sessions_ended' });
    return context.sessions.end(tx, { sid, userId }, 'ended_by_operator', actor.deadline);
  };
  const ended = await withTransaction(context.db, end, actor.deadline);
  await awaitRevocations(context, { sids: ended, reason: 'ended_by_operator' });
  return { ended: ended.length };
}

function toView(session: SessionDetails): AdminSession {
  return {
    id: session.sid,
    user_id: session.userId,
    tenant_id: session.tenantId,
    email: session.email,
    browser: browserName(session.userAgent),
    address_prefix: session.addressPrefix,
    created_at: session.createdAt.toISOString(),
    last_active_at: session.lastActiveAt.toISOString(),
    expires_at: session.expiresAt.toISOString(),
    generation: session.generation,
    bound: session.bound,
    online: session.servers.length > 0,
    sockets: session.servers.reduce((sum, { sockets }) => sum + sockets, 0),
    servers: session.servers.map(({ serverId, backendId, sockets }) => ({
      server_id: serverId,
      backend_id: backendId,
      sockets,
    })),
  };
}
