import type { Ended, LogoutScope } from '@latchkey/contract';
import { type Deadline, everythingBy } from '../db/deadline.ts';
import { type Transaction, transact } from '../db/transaction.ts';
import { heardHere, type JustEnded } from './heard-here.ts';
import type { FlowNeeds } from './needs.ts';

/**
 * Ends this session, the user's others, or all of them; resolves after the commit. With more than this one, codes that
 * were made before open nothing any more.
 *
 * @throws unavailable the deadline passed; sessions may live on
 */
export async function logout(needs: FlowNeeds, sid: string, scope: LogoutScope, deadline: Deadline): Promise<Ended> {
  const session = await needs.sessions.live(needs.db, sid);
  if (session === undefined) return { ended: 0 };
  const { userId, tenantId } = session;
  const ended = await end(needs, { sid, userId }, scope, deadline);
  if (ended.length > 0) await heardHere(needs, ...reasonsOf(ended, sid));
  const action = scope === 'others' ? 'sessions_ended' : 'logout';
  await needs.audit
    .record(needs.db, { action, tenantId, userId, sid, detail: { scope, ended: ended.length } })
    .catch(needs.onError);
  return { ended: ended.length };
}

function end(
  { sessions, users, db }: FlowNeeds,
  { sid, userId }: { sid: string; userId: string },
  scope: LogoutScope,
  deadline: Deadline,
): Promise<readonly string[]> {
  if (scope === 'session') return sessions.end(db, { sid, userId }, 'logout', deadline);
  const everywhere = async ({ tx }: Transaction) => {
    await users.outdateCodes(tx, userId);
    const by = everythingBy(deadline);
    if (scope === 'others') return sessions.end(tx, { userId, except: sid }, 'ended_by_user', by);
    return sessions.endEverywhere(tx, { userId, current: sid }, by);
  };
  return transact(db, everywhere, { ...deadline, lock: ['users', userId] });
}

/** The session that asked was logged out; to the others it happened from elsewhere. */
function reasonsOf(ended: readonly string[], current: string): JustEnded[] {
  return [
    { sids: ended.filter((sid) => sid === current), reason: 'logout' },
    { sids: ended.filter((sid) => sid !== current), reason: 'ended_by_user' },
  ];
}
