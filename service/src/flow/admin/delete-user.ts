import type { EndedSessions } from '@latchkey/contract';
import { type DeleteUserContext, deleteUser as deleteFoundUser } from '../delete-user.ts';
import { type Actor, assertOperatorRemains, auditFields } from './actor.ts';
import { assertOther, getWritableUser } from './visible-user.ts';

/**
 * Deletes a user and what is stored about it. Refuses an operator's own account, the last operator, and, for a backend of one
 * tenant, every operator.
 *
 * @throws not_found · forbidden
 */
export async function deleteUser(context: DeleteUserContext, actor: Actor, id: string): Promise<EndedSessions> {
  const user = await getWritableUser(context, actor, id);
  assertOther(actor, user);
  return deleteFoundUser(context, user, {
    auditFields: auditFields(actor),
    deadline: actor.deadline,
    ...(user.operator ? { assertAllowed: (tx) => assertOperatorRemains(context.operators, tx, actor, id) } : {}),
  });
}
