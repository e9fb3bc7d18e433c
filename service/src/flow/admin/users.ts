import type { AdminUser, CursorPage, EndedSessions } from '@latchkey/contract';
import { forAllCreated } from '../../db/deadline.ts';
import { type Transaction, withTransaction } from '../../db/transaction.ts';
import type { UserQuery } from '../../domain/user/user-list-store.ts';
import { awaitRevocations } from '../await-revocations.ts';
import type { FlowContext } from '../context.ts';
import { type RecomputeResult, recomputeClaimsOfUser } from '../recompute-claims-of-user.ts';
import { type Actor, auditFields } from './actor.ts';
import { listedTenant } from './listed-tenant.ts';
import { getVisibleUser, getWritableUser, toUserView } from './visible-user.ts';

/** @throws tenant_unknown · invalid_request the cursor */
export async function listUsers(
  context: Pick<FlowContext, 'db' | 'tenants' | 'users'>,
  actor: Actor,
  filter: UserQuery,
): Promise<CursorPage<'users', AdminUser>> {
  const tenantId = await listedTenant(context, actor, filter.tenantId);
  const { rows, next } = await context.users.list(context.db, { ...filter, tenantId });
  return { users: rows.map(toUserView), next_cursor: next };
}

/** @throws not_found */
export async function findUser(
  context: Pick<FlowContext, 'db' | 'users'>,
  actor: Actor,
  id: string,
): Promise<AdminUser> {
  return toUserView(await getVisibleUser(context, actor, id));
}

/**
 * Ends all sessions of a user, and invalidates the codes that were made before.
 *
 * @throws not_found · forbidden an operator, for a backend of one tenant
 */
export async function endUserSessions(
  context: Pick<FlowContext, 'audit' | 'clock' | 'db' | 'feed' | 'sessions' | 'users'>,
  actor: Actor,
  id: string,
): Promise<EndedSessions> {
  const { id: userId, tenantId } = await getWritableUser(context, actor, id);
  const end = async ({ tx }: Transaction) => {
    await context.users.invalidateCodes(tx, userId);
    await context.audit.record(tx, {
      ...auditFields(actor, { of: 'user' }),
      action: 'sessions_ended',
      userId,
      tenantId,
    });
    return context.sessions.end(tx, { userId }, 'ended_by_operator', forAllCreated(actor.deadline));
  };
  const ended = await withTransaction(context.db, end, { ...actor.deadline, lock: ['users', userId] });
  if (ended.length > 0) await awaitRevocations(context, { sids: ended, reason: 'ended_by_operator' });
  return { ended: ended.length };
}

/** Runs the hook `claim` again for a user's live sessions. @throws not_found · what the hook throws */
export async function recomputeUser(
  context: Pick<FlowContext, 'audit' | 'databaseClock' | 'db' | 'hooks' | 'sessions' | 'users'>,
  actor: Actor,
  id: string,
): Promise<RecomputeResult> {
  return recomputeClaimsOfUser(context, await getVisibleUser(context, actor, id), auditFields(actor), actor.deadline);
}
