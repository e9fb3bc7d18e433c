import { type EndedSessions, fail, type SessionInfo, type SessionsResponse } from '@latchkey/contract';
import { browserName } from '../base/user-agent.ts';
import { type Deadline, deadlineNow, forAllCreated } from '../db/deadline.ts';
import { type Transaction, withTransaction } from '../db/transaction.ts';
import type { SessionSummary } from '../domain/session/session.ts';
import { passwordContextOf } from '../domain/user/password-rules.ts';
import { notifyPasswordChange } from './account/notify-password-change.ts';
import { awaitRevocations } from './await-revocations.ts';
import type { FlowContext } from './context.ts';
import { assertFreshSignIn } from './fresh-sign-in.ts';
import type { Caller, Client } from './types.ts';

/** The caller's devices, the one that asks among them. */
export async function listSessions(
  { sessions, db }: Pick<FlowContext, 'db' | 'sessions'>,
  caller: Caller,
): Promise<SessionsResponse> {
  const rows = await sessions.list(db, caller.userId);
  return { sessions: rows.map((row) => toView(row, caller.sid)) };
}

function toView(row: SessionSummary, current: string): SessionInfo {
  return {
    id: row.sid,
    browser: browserName(row.userAgent),
    address_prefix: row.addressPrefix,
    created_at: row.createdAt.toISOString(),
    last_active_at: row.lastActiveAt.toISOString(),
    expires_at: row.expiresAt.toISOString(),
    online: row.online,
    current: row.sid === current,
  };
}

/** Ends one of the caller's own sessions. @throws not_found also for a session of another user */
export async function endSession(
  context: Pick<FlowContext, 'audit' | 'clock' | 'databaseClock' | 'db' | 'feed' | 'onError' | 'sessions'>,
  caller: Caller,
  sid: string,
  deadline: Deadline = deadlineNow(context.databaseClock),
): Promise<EndedSessions> {
  const { sessions, audit, db, onError } = context;
  const reason = sid === caller.sid ? 'logout' : 'ended_by_user';
  const ended = await sessions.end(db, { sid, userId: caller.userId }, reason, deadline);
  if (ended.length === 0) throw fail('not_found');
  await awaitRevocations(context, { sids: ended, reason });
  await audit.record(db, { ...auditSubject(caller), action: 'sessions_ended', detail: { ended: sid } }).catch(onError);
  return { ended: ended.length };
}

/** How fresh a sign-in has to be for changing the password, in seconds. */
const maxSignInAgeSeconds = 15 * 60;

/** Replaces the password, with a mail to the user. Ends the user's other sessions, and invalidates codes that are not redeemed yet. */
export async function changePassword(
  context: Pick<
    FlowContext,
    | 'audit'
    | 'clock'
    | 'databaseClock'
    | 'db'
    | 'feed'
    | 'limits'
    | 'mail'
    | 'mailOutbox'
    | 'sessions'
    | 'tenants'
    | 'users'
  >,
  caller: Caller,
  input: { current: string; next: string },
  peer: Client,
  deadline: Deadline = deadlineNow(context.databaseClock),
): Promise<EndedSessions> {
  const { users, tenants, sessions, limits, audit, db } = context;
  assertFreshSignIn(context, caller, maxSignInAgeSeconds);
  const attempt = { tenantId: caller.tenantId, emailKey: caller.userId, address: peer.address };
  const user = await limits.failedLogins.guard(attempt, () => users.verifyPassword(db, caller.userId, input.current));
  const tenant = await tenants.find(db, caller.tenantId);
  await users.assertPasswordReplaced(db, user, input.next);
  const hash = await users.hashNewPassword(input.next, passwordContextOf(tenant, user.email));
  const change = async ({ tx }: Transaction) => {
    await notifyPasswordChange(context, tx, await users.changePassword(tx, user, hash));
    await audit.record(tx, { ...auditSubject(caller), action: 'password_changed', addressPrefix: peer.addressPrefix });
    // Last, because it locks the row of `blacklist_head`, which all ends of sessions need.
    return sessions.end(tx, { userId: user.id, except: caller.sid }, 'password_changed', forAllCreated(deadline));
  };
  const ended = await withTransaction(db, change, { ...deadline, lock: ['users', user.id] });
  await awaitRevocations(context, { sids: ended, reason: 'password_changed' });
  return { ended: ended.length };
}

function auditSubject({ tenantId, userId, sid }: Caller) {
  return { tenantId, userId, sid };
}
