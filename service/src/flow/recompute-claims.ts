import { fail } from '@latchkey/contract';
import { transact } from '../db/transaction.ts';
import type { AuditEntry } from '../domain/audit/audit.ts';
import type { User } from '../domain/user/user.ts';
import type { FlowNeeds } from './needs.ts';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** How many sessions have other claims now. */
export interface Recomputed {
  readonly changed: number;
}

/**
 * Runs the hook `claim` again for a user, and keeps the result with each live session: the next access token of it carries
 * the new claims, those that are out keep the old ones to their end. A session that opens in this very moment may still
 * carry what the hook said before.
 *
 * @throws not_found no such user · what the hook throws, `internal_error` when its result is too large or no plain JSON
 */
export async function recomputeClaims(needs: FlowNeeds, userId: string): Promise<Recomputed> {
  const user = uuid.test(userId) ? await needs.users.find(needs.db, userId) : undefined;
  if (user === undefined) throw fail('not_found', { message: 'There is no such user.' });
  return recomputeOf(needs, user, { detail: { by: 'app' } });
}

/** The same for a user who was found; `done` is who asked, for the audit. */
export async function recomputeOf(
  { db, sessions, hooks, audit }: FlowNeeds,
  user: User,
  done: Pick<AuditEntry, 'addressPrefix' | 'detail'>,
): Promise<Recomputed> {
  const claims = await hooks.claim(user);
  return transact(db, async ({ tx }) => {
    const changed = (await sessions.replaceClaims(tx, user.id, claims)).length;
    const whom = { userId: user.id, tenantId: user.tenantId };
    await audit.record(tx, { ...done, ...whom, action: 'claims_recomputed', detail: { ...done.detail, changed } });
    return { changed };
  });
}
