import { type AdminSession, type Ended, fail, type Page } from '@latchkey/contract';
import { type Transaction, transact } from '../../db/transaction.ts';
import type { SeenSession } from '../../domain/session/session.ts';
import type { SessionsAsked } from '../../domain/session/session-list-store.ts';
import { startsWith } from '../../domain/user/identifier.ts';
import { browserName } from '../account.ts';
import { heardHere } from '../heard-here.ts';
import type { FlowNeeds } from '../needs.ts';
import { type Actor, doneBy, narrowed, sees } from './actor.ts';

/** Which live sessions; `emailPrefix` is the beginning of the user's address. */
export type SessionsWanted = Omit<SessionsAsked, 'emailPattern'> & { readonly emailPrefix?: string | undefined };

export async function listSessions(
  needs: FlowNeeds,
  actor: Actor,
  { emailPrefix, ...asked }: SessionsWanted,
): Promise<Page<'sessions', AdminSession>> {
  const tenantId = narrowed(actor, asked.tenantId);
  const emailPattern = emailPrefix === undefined ? undefined : startsWith(emailPrefix);
  const { rows, next } = await needs.sessions.listSeen(needs.db, { ...asked, tenantId, emailPattern });
  return { sessions: rows.map(toView), next_cursor: next };
}

/** @throws not_found it does not live, or is not the actor's to see */
export async function findSession(needs: FlowNeeds, actor: Actor, sid: string): Promise<AdminSession> {
  return toView(await sessionOf(needs, actor, sid));
}

async function sessionOf({ sessions, db }: FlowNeeds, actor: Actor, sid: string): Promise<SeenSession> {
  const session = await sessions.findSeen(db, sid);
  if (session === undefined || !sees(actor, session.tenantId)) throw fail('not_found');
  return session;
}

/** Ends one session; its sockets hear `logged_out ended_by_operator`. @throws not_found */
export async function endSession(needs: FlowNeeds, actor: Actor, id: string): Promise<Ended> {
  const { sid, userId, tenantId } = await sessionOf(needs, actor, id);
  const end = async ({ tx }: Transaction) => {
    const entry = { ...doneBy(actor, { of: 'session' }), userId, tenantId, sid };
    await needs.audit.record(tx, { ...entry, action: 'sessions_ended' });
    return needs.sessions.end(tx, { sid, userId }, 'ended_by_operator', actor.deadline);
  };
  const ended = await transact(needs.db, end, actor.deadline);
  await heardHere(needs, { sids: ended, reason: 'ended_by_operator' });
  return { ended: ended.length };
}

function toView(session: SeenSession): AdminSession {
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
