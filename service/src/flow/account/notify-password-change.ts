import type { Db } from '../../db/schema.ts';
import { isManagedElsewhere, type User } from '../../domain/user/user.ts';
import type { FlowContext } from '../context.ts';

/**
 * Mails a user that the password was changed, with the transaction that changes it. A user of a hook and a user who is disabled
 * get none, and nothing is stored where no mail can be sent.
 *
 * @param user as the change left it: the mail has its language
 * @example
 * await notifyPasswordChange(context, tx, await users.changePassword(tx, user, hash));
 */
export async function notifyPasswordChange(
  { mail, mailOutbox }: Pick<FlowContext, 'mail' | 'mailOutbox'>,
  tx: Db,
  user: User,
): Promise<void> {
  const { id: userId, tenantId, email: recipient, locale, disabledAt } = user;
  if (recipient === null || disabledAt !== null || isManagedElsewhere(user) || !mail.isAvailable()) return;
  const notice = { tenantId, userId, recipient, locale: locale ?? undefined };
  await mailOutbox.enqueue(tx, { ...notice, template: 'password_changed', data: {} });
}
