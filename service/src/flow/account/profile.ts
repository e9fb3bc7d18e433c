import { isDeepStrictEqual } from 'node:util';
import type { CurrentUser } from '@latchkey/contract';
import { type Deadline, deadlineNow } from '../../db/deadline.ts';
import { type Transaction, withTransaction } from '../../db/transaction.ts';
import type { ProfileChange } from '../../domain/user/user.ts';
import { assertSessionLive } from '../assert-session-live.ts';
import type { FlowContext } from '../context.ts';
import { findCallerUser } from '../find-caller-user.ts';
import { type RenewClaimsContext, renewClaims } from '../renew-claims.ts';
import type { Caller, Client } from '../types.ts';

/** Who the caller is. */
export async function getCurrentUser(context: Pick<FlowContext, 'db' | 'users'>, caller: Caller): Promise<CurrentUser> {
  const user = await findCallerUser(context, caller);
  return {
    id: user.id,
    tenant_id: user.tenantId,
    email: user.email,
    email_verified: user.emailVerifiedAt !== null,
    name: user.name,
    picture: user.picture,
    locale: user.locale,
    profile: { ...user.profile },
    user_metadata: { ...user.userMetadata },
    operator: user.operator,
    created_at: user.createdAt.toISOString(),
    session_id: caller.sid,
    auth_time: caller.authTime,
  };
}

/**
 * Changes what the caller says of itself. Neither `profile` nor `app_metadata` is ever written: rights come from
 * `app_metadata`. Live sessions get the changed claims with their next access token.
 *
 * @throws rate_limited · unauthenticated the session was ended · unavailable the deadline passed
 */
export async function updateProfile(
  context: RenewClaimsContext & Pick<FlowContext, 'limits'>,
  caller: Caller,
  change: ProfileChange,
  { addressPrefix }: Client,
  deadline: Deadline = deadlineNow(context.databaseClock),
): Promise<CurrentUser> {
  const { audit, db, limits, users } = context;
  const { userId, tenantId, sid } = caller;
  limits.profileChanges.take(userId);
  const store = async ({ tx }: Transaction) => {
    await assertSessionLive(context, tx, caller);
    const before = await users.lock(tx, userId);
    const user = await users.update(tx, userId, change);
    const names = Object.keys(change) as (keyof ProfileChange)[];
    const fields = names.filter((name) => !isDeepStrictEqual(before[name], user[name])).join(' ');
    const entry = { tenantId, userId, sid, addressPrefix, detail: { fields } };
    if (fields !== '') await audit.record(tx, { ...entry, action: 'profile_changed' });
    return user;
  };
  const user = await withTransaction(db, store, { ...deadline, lock: ['users', userId] });
  await renewClaims(context, user, { addressPrefix });
  return getCurrentUser(context, caller);
}
