import { fail } from '@latchkey/contract';
import type { FlowNeeds } from './needs.ts';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Runs the hook `claim` again for a user, and keeps the result with each live session: the next access token of it carries
 * the new claims, those that are out keep the old ones to their end. A session that opens in this very moment may still
 * carry what the hook said before.
 *
 * @returns how many sessions have other claims now
 * @throws not_found no such user · what the hook throws, `internal_error` when its result is too large or no plain JSON
 */
export async function recomputeClaims(needs: FlowNeeds, userId: string): Promise<{ changed: number }> {
  const { db, users, sessions, hooks } = needs;
  const user = uuid.test(userId) ? await users.find(db, userId) : undefined;
  if (user === undefined) throw fail('not_found', { message: 'There is no such user.' });
  const changed = await sessions.replaceClaims(db, user.id, await hooks.claim(user));
  return { changed: changed.length };
}
