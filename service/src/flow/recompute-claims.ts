import { fail, uuidPattern } from '@latchkey/contract';
import type { FlowContext } from './context.ts';
import { type RecomputeResult, recomputeClaimsOfUser } from './recompute-claims-of-user.ts';

/**
 * Runs the hook `claim` again for a user, and stores the result in each live session. The next access token of a session
 * has the new claims. Access tokens that were issued before keep theirs. A session that opens at the same time may still
 * have the claims of the call before.
 *
 * @throws not_found no such user · what the hook throws, `internal_error` when its result is too large or no plain JSON
 */
export async function recomputeClaims(
  context: Pick<FlowContext, 'audit' | 'databaseClock' | 'db' | 'hooks' | 'sessions' | 'users'>,
  userId: string,
): Promise<RecomputeResult> {
  const user = uuidPattern.test(userId) ? await context.users.find(context.db, userId) : undefined;
  if (user === undefined) throw fail('not_found', { message: 'There is no such user.' });
  return recomputeClaimsOfUser(context, user, { detail: { by: 'app' } });
}
