import type { EndedSessions, LogoutScope } from '@latchkey/contract';
import { type Deadline, deadlineNow, forAllCreated } from '../db/deadline.ts';
import { type Transaction, withTransaction } from '../db/transaction.ts';
import { awaitRevocations, type RevokedSessions } from './await-revocations.ts';
import type { FlowContext } from './context.ts';

export type LogoutContext = Pick<
  FlowContext,
  'audit' | 'clock' | 'databaseClock' | 'db' | 'feed' | 'onError' | 'sessions' | 'users'
>;

/**
 * Ends this session, the user's others, or all of them. Resolves after the commit. `others` and `all` also invalidate the
 * codes of the user.
 *
 * @throws unavailable the deadline passed. Sessions may still be live
 */
export async function logout(
  context: LogoutContext,
  sid: string,
  scope: LogoutScope,
  deadline: Deadline = deadlineNow(context.databaseClock),
): Promise<EndedSessions> {
  const session = await context.sessions.live(context.db, sid);
  if (session === undefined) return { ended: 0 };
  const { userId, tenantId } = session;
  const ended = await end(context, { sid, userId }, scope, deadline);
  if (ended.length > 0) await awaitRevocations(context, ...groupByReason(ended, sid));
  const action = scope === 'others' ? 'sessions_ended' : 'logout';
  await context.audit
    .record(context.db, { action, tenantId, userId, sid, detail: { scope, ended: ended.length } })
    .catch(context.onError);
  return { ended: ended.length };
}

function end(
  { sessions, users, db }: Pick<FlowContext, 'db' | 'sessions' | 'users'>,
  { sid, userId }: { sid: string; userId: string },
  scope: LogoutScope,
  deadline: Deadline,
): Promise<readonly string[]> {
  if (scope === 'session') return sessions.end(db, { sid, userId }, 'logout', deadline);
  const everywhere = async ({ tx }: Transaction) => {
    await users.invalidateCodes(tx, userId);
    const by = forAllCreated(deadline);
    if (scope === 'others') return sessions.end(tx, { userId, except: sid }, 'ended_by_user', by);
    return sessions.endAllOfUser(tx, { userId, current: sid }, by);
  };
  return withTransaction(db, everywhere, { ...deadline, lock: ['users', userId] });
}

/** The session of the caller ends as `logout`, the others as `ended_by_user`. */
function groupByReason(ended: readonly string[], current: string): RevokedSessions[] {
  return [
    { sids: ended.filter((sid) => sid === current), reason: 'logout' },
    { sids: ended.filter((sid) => sid !== current), reason: 'ended_by_user' },
  ];
}
