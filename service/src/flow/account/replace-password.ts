import { type EndedSessions, fail } from '@latchkey/contract';
import { type Deadline, deadlineNow, forAllCreated } from '../../db/deadline.ts';
import { type Transaction, withTransaction } from '../../db/transaction.ts';
import { passwordContextOf } from '../../domain/user/password-rules.ts';
import { isManagedElsewhere } from '../../domain/user/user.ts';
import { assertTenantEnabled } from '../assert-may-sign-in.ts';
import { authenticateByPassword } from '../authenticate-by-password.ts';
import { awaitRevocations } from '../await-revocations.ts';
import type { FlowContext, SignInContext } from '../context.ts';
import { explainFailures } from '../explain-failures.ts';
import type { Client } from '../types.ts';
import { notifyPasswordChange } from './notify-password-change.ts';

/** The current password, and the one that replaces it. */
export interface PasswordReplacement {
  readonly email: string;
  readonly password: string;
  readonly tenant?: string | undefined;
  readonly newPassword: string;
}

/**
 * Replaces a password that an administrator requires to be replaced, by the current one. Counts as a sign-in for limits. Does
 * not sign in, ends every session of the user, and mails the user about it.
 *
 * @throws as `login` · forbidden no new password is required · managed_elsewhere · weak_password · tenant_disabled
 */
export async function replacePassword(
  context: SignInContext & Pick<FlowContext, 'clock' | 'feed' | 'mailOutbox'>,
  input: PasswordReplacement,
  peer: Client,
  deadline: Deadline = deadlineNow(context.databaseClock),
): Promise<EndedSessions> {
  const { audit, db, sessions, users } = context;
  const { tenant, user } = await authenticateByPassword(context, input, peer, deadline);
  assertTenantEnabled(tenant);
  if (isManagedElsewhere(user)) throw fail('managed_elsewhere');
  if (!user.passwordChangeRequired)
    throw fail('forbidden', { message: 'No new password is required. Sign in to change it.' });
  await users.assertPasswordReplaced(db, user, input.newPassword);
  const hash = await explainFailures(context, { overloaded: 'passwords_overloaded' }, () =>
    users.hashNewPassword(input.newPassword, passwordContextOf(tenant, user.email)),
  );
  const { id: userId, tenantId } = user;
  const replace = async ({ tx }: Transaction) => {
    await notifyPasswordChange(context, tx, await users.changePassword(tx, user, hash));
    await audit.record(tx, { action: 'password_changed', tenantId, userId, addressPrefix: peer.addressPrefix });
    // Last, because it locks the row of `blacklist_head`, which all ends of sessions need.
    return sessions.end(tx, { userId }, 'password_changed', forAllCreated(deadline));
  };
  const ended = await withTransaction(db, replace, { ...deadline, lock: ['users', userId] });
  await awaitRevocations(context, { sids: ended, reason: 'password_changed' });
  return { ended: ended.length };
}
