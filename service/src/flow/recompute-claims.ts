import { fail, uuidPattern } from '@latchkey/contract';
import { type Deadline, deadlineNow } from '../db/deadline.ts';
import type { Db } from '../db/schema.ts';
import { type Transaction, transact } from '../db/transaction.ts';
import type { AuditEntry } from '../domain/audit/audit.ts';
import type { User } from '../domain/user/user.ts';
import type { Claims } from '../hook/hook.ts';
import type { FlowNeeds } from './needs.ts';

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
  const user = uuidPattern.test(userId) ? await needs.users.find(needs.db, userId) : undefined;
  if (user === undefined) throw fail('not_found', { message: 'There is no such user.' });
  return recomputeOf(needs, user, { detail: { by: 'app' } });
}

/** Each time that somebody else was faster; of many at once, one comes through each time. */
const mostTries = 20;

/**
 * The same for a user who was found; `done` is who asked, for the audit.
 *
 * @param deadline default: each answer of the hook counts from its own moment, for nothing waits for a client
 * @throws busy too many ask at once · unavailable the deadline passed
 */
export async function recomputeOf(
  needs: FlowNeeds,
  user: User,
  done: Pick<AuditEntry, 'addressPrefix' | 'detail'>,
  deadline?: Deadline,
): Promise<Recomputed> {
  for (let tries = 0; tries < mostTries; tries++) {
    const before = await newest(needs, needs.db, user);
    // Read again each time, or the hook would hear of a profile that is older than the answer it has to beat.
    const claims = await needs.hooks.claim((await needs.users.find(needs.db, user.id)) ?? user);
    const bounds = deadline ?? deadlineNow(needs.databaseClock);
    const changed = await keep(needs, user, { claims, before, done, deadline: bounds });
    if (changed !== undefined) return { changed };
  }
  throw fail('busy', { retryAfterMs: 1_000 });
}

/**
 * What the hook said, unless somebody has kept another answer since it was asked: an older answer must not replace a newer
 * one, and which of the two is older nobody knows, so that it has to be asked again.
 */
function keep(needs: FlowNeeds, user: User, { claims, before, done, deadline }: Answer): Promise<number | undefined> {
  const { db, sessions, audit } = needs;
  const replace = async ({ tx }: Transaction) => {
    if ((await newest(needs, tx, user)) !== before) return undefined;
    const changed = (await sessions.replaceClaims(tx, user.id, claims)).length;
    await audit.record(tx, { ...done, ...whom(user), action, detail: { ...done.detail, changed } });
    return changed;
  };
  return transact(db, replace, { ...deadline, lock: ['users', user.id] });
}

interface Answer {
  readonly claims: Claims;
  readonly before: number;
  readonly done: Pick<AuditEntry, 'addressPrefix' | 'detail'>;
  readonly deadline: Deadline;
}

const action = 'claims_recomputed';
const whom = ({ id, tenantId }: User) => ({ userId: id, tenantId });

/** Number of the last answer that was kept, by its line in the audit. */
async function newest({ audit }: FlowNeeds, db: Db, { id }: User): Promise<number> {
  const { rows } = await audit.list(db, { userId: id, action, limit: 1 });
  return rows[0]?.id ?? 0;
}
