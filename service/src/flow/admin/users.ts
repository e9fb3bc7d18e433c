import { type AdminUser, type CursorPage, type EndedSessions, fail } from '@latchkey/contract';
import { forAllCreated } from '../../db/deadline.ts';
import type { Db } from '../../db/schema.ts';
import { type Transaction, withTransaction } from '../../db/transaction.ts';
import type { User } from '../../domain/user/user.ts';
import type { UserQuery } from '../../domain/user/user-list-store.ts';
import { awaitRevocations } from '../await-revocations.ts';
import type { FlowContext } from '../context.ts';
import { type RecomputeResult, recomputeClaimsOfUser } from '../recompute-claims-of-user.ts';
import { type Actor, assertAllTenants, auditFields, canSee, operatorRequired, scopeToTenant } from './actor.ts';

/** What is absent stays as it is. */
export interface UserUpdate {
  readonly disabled?: boolean | undefined;
  readonly operator?: boolean | undefined;
}

export async function listUsers(
  context: Pick<FlowContext, 'db' | 'users'>,
  actor: Actor,
  filter: UserQuery,
): Promise<CursorPage<'users', AdminUser>> {
  const tenantId = scopeToTenant(actor, filter.tenantId);
  const { rows, next } = await context.users.list(context.db, { ...filter, tenantId });
  return { users: rows.map(toView), next_cursor: next };
}

/** @throws not_found */
export async function findUser(
  context: Pick<FlowContext, 'db' | 'users'>,
  actor: Actor,
  id: string,
): Promise<AdminUser> {
  return toView(await getVisibleUser(context, actor, id));
}

async function getVisibleUser(
  { users, db }: Pick<FlowContext, 'db' | 'users'>,
  actor: Actor,
  id: string,
): Promise<User> {
  const user = await users.find(db, id);
  if (user === undefined || !canSee(actor, user.tenantId)) throw fail('not_found');
  return user;
}

/**
 * Disables a user, whose sessions end with it, or enables one, and sets the administrator flag. Refuses an operator's
 * own account, the last operator, and, for a backend of one tenant, every operator.
 * ¦
 * @throws not_found · forbidden
 */
export async function updateUser(
  context: Pick<FlowContext, 'audit' | 'clock' | 'db' | 'feed' | 'operators' | 'sessions' | 'users'>,
  actor: Actor,
  id: string,
  change: UserUpdate,
): Promise<AdminUser> {
  const user = await getVisibleUser(context, actor, id);
  if (actor.userId === user.id) throw fail('forbidden', { message: 'Another operator has to change this for you.' });
  if (change.operator !== undefined || user.operator) assertAllTenants(actor);
  const sids = await withTransaction(
    context.db,
    ({ tx }) => applyUserUpdate(context, tx, { actor, user, change }),
    actor.deadline,
  );
  if (change.disabled) await awaitRevocations(context, { sids, reason: 'user_disabled' });
  return findUser(context, actor, id);
}

/** Applies the change and returns the ids of the sessions that it ended. */
async function applyUserUpdate(
  { users, operators, audit, sessions }: Pick<FlowContext, 'audit' | 'operators' | 'sessions' | 'users'>,
  tx: Db,
  { actor, user, change }: { actor: Actor; user: User; change: UserUpdate },
): Promise<readonly string[]> {
  const { id: userId, tenantId } = user;
  const audited = { ...auditFields(actor), userId, tenantId };
  if (change.operator === false || change.disabled) await assertOperatorRemains(operators, tx, { actor, userId });
  if (change.operator !== undefined) {
    await operators.setOperator(tx, userId, change.operator);
    await audit.record(tx, { ...audited, action: change.operator ? 'operator_added' : 'operator_removed' });
  }
  if (change.disabled === false) {
    await users.enable(tx, userId);
    await audit.record(tx, { ...audited, action: 'user_enabled' });
  }
  if (change.disabled) {
    await users.disable(tx, userId);
    await audit.record(tx, { ...audited, action: 'user_disabled' });
    // Last, because it locks the row of `blacklist_head`, which all ends of sessions need.
    return sessions.end(tx, { userId }, 'user_disabled', forAllCreated(actor.deadline));
  }
  return [];
}

/** Checks that the actor is still an operator, so that of operators who remove each other at once one stays. @throws forbidden */
async function assertOperatorRemains(
  operators: FlowContext['operators'],
  tx: Db,
  { actor, userId }: { actor: Actor; userId: string },
): Promise<void> {
  const activeOperators = await operators.lockForRemoval(tx, userId);
  if (actor.userId !== null && !activeOperators.includes(actor.userId)) throw operatorRequired();
}

/** Signs a user out everywhere; codes that were made before open nothing any more. @throws not_found */
export async function endUserSessions(
  context: Pick<FlowContext, 'audit' | 'clock' | 'db' | 'feed' | 'sessions' | 'users'>,
  actor: Actor,
  id: string,
): Promise<EndedSessions> {
  const { id: userId, tenantId } = await getVisibleUser(context, actor, id);
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

function toView(user: User): AdminUser {
  return {
    id: user.id,
    tenant_id: user.tenantId,
    email: user.email,
    external_id: user.externalId,
    profile: { ...user.profile },
    operator: user.operator,
    disabled_at: user.disabledAt?.toISOString() ?? null,
    created_at: user.createdAt.toISOString(),
  };
}
