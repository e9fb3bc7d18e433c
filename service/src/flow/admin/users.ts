import { type AdminUser, type Ended, fail, type Page } from '@latchkey/contract';
import { everythingBy } from '../../db/deadline.ts';
import type { Db } from '../../db/schema.ts';
import { type Transaction, transact } from '../../db/transaction.ts';
import type { User } from '../../domain/user/user.ts';
import type { UsersAsked } from '../../domain/user/user-list-store.ts';
import { heardHere } from '../heard-here.ts';
import type { FlowNeeds } from '../needs.ts';
import { type Recomputed, recomputeOf } from '../recompute-claims.ts';
import { type Actor, assertWhole, doneBy, narrowed, noOperator, sees } from './actor.ts';

/** What is absent stays as it is. */
export interface UserChange {
  readonly disabled?: boolean | undefined;
  readonly operator?: boolean | undefined;
}

export async function listUsers(needs: FlowNeeds, actor: Actor, asked: UsersAsked): Promise<Page<'users', AdminUser>> {
  const tenantId = narrowed(actor, asked.tenantId);
  const { rows, next } = await needs.users.list(needs.db, { ...asked, tenantId });
  return { users: rows.map(toView), next_cursor: next };
}

/** @throws not_found */
export async function findUser(needs: FlowNeeds, actor: Actor, id: string): Promise<AdminUser> {
  return toView(await userOf(needs, actor, id));
}

async function userOf({ users, db }: FlowNeeds, actor: Actor, id: string): Promise<User> {
  const user = await users.find(db, id);
  if (user === undefined || !sees(actor, user.tenantId)) throw fail('not_found');
  return user;
}

/**
 * Disables a user, whose sessions end with it, or lets them in again; marks operators. Nobody changes these of
 * themselves, nor of the last operator; a backend of one tenant changes nothing of an operator.
 *
 * @throws not_found · forbidden
 */
export async function changeUser(needs: FlowNeeds, actor: Actor, id: string, change: UserChange): Promise<AdminUser> {
  const user = await userOf(needs, actor, id);
  if (actor.userId === user.id) throw fail('forbidden', { message: 'Another operator has to change this for you.' });
  if (change.operator !== undefined || user.operator) assertWhole(actor);
  const sids = await transact(needs.db, ({ tx }) => changeIn(needs, tx, { actor, user, change }), actor.deadline);
  if (change.disabled) await heardHere(needs, { sids, reason: 'user_disabled' });
  return findUser(needs, actor, id);
}

/** Says which sessions ended. */
async function changeIn(
  { users, operators, audit, sessions }: FlowNeeds,
  tx: Db,
  { actor, user, change }: { actor: Actor; user: User; change: UserChange },
): Promise<readonly string[]> {
  const { id: userId, tenantId } = user;
  const whom = { ...doneBy(actor), userId, tenantId };
  if (change.operator === false || change.disabled) await assertOneStays(operators, tx, { actor, userId });
  if (change.operator !== undefined) {
    await operators.mark(tx, userId, change.operator);
    await audit.record(tx, { ...whom, action: change.operator ? 'operator_added' : 'operator_removed' });
  }
  if (change.disabled === false) {
    await users.enable(tx, userId);
    await audit.record(tx, { ...whom, action: 'user_enabled' });
  }
  if (change.disabled) {
    await users.disable(tx, userId);
    await audit.record(tx, { ...whom, action: 'user_disabled' });
    // Last, for it takes the head of the blacklist, which everybody waits for.
    return sessions.end(tx, { userId }, 'user_disabled', everythingBy(actor.deadline));
  }
  return [];
}

/** Of operators who take the mark from each other at once, one stays. @throws forbidden */
async function assertOneStays(
  operators: FlowNeeds['operators'],
  tx: Db,
  { actor, userId }: { actor: Actor; userId: string },
): Promise<void> {
  const able = await operators.hold(tx);
  if (actor.userId !== null && !able.includes(actor.userId)) throw noOperator();
  if (able.length === 1 && able[0] === userId) throw fail('forbidden', { message: 'This is the last operator.' });
}

/** Signs a user out everywhere; codes that were made before open nothing any more. @throws not_found */
export async function endUser(needs: FlowNeeds, actor: Actor, id: string): Promise<Ended> {
  const { id: userId, tenantId } = await userOf(needs, actor, id);
  const end = async ({ tx }: Transaction) => {
    await needs.users.outdateCodes(tx, userId);
    await needs.audit.record(tx, { ...doneBy(actor, { of: 'user' }), action: 'sessions_ended', userId, tenantId });
    return needs.sessions.end(tx, { userId }, 'ended_by_operator', everythingBy(actor.deadline));
  };
  const ended = await transact(needs.db, end, { ...actor.deadline, lock: ['users', userId] });
  if (ended.length > 0) await heardHere(needs, { sids: ended, reason: 'ended_by_operator' });
  return { ended: ended.length };
}

/** Runs the hook `claim` again for a user's live sessions. @throws not_found · what the hook throws */
export async function recomputeUser(needs: FlowNeeds, actor: Actor, id: string): Promise<Recomputed> {
  return recomputeOf(needs, await userOf(needs, actor, id), doneBy(actor), actor.deadline);
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
