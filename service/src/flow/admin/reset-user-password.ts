import { fail } from '@latchkey/contract';
import { type Transaction, withTransaction } from '../../db/transaction.ts';
import { identifierKey } from '../../domain/user/identifier.ts';
import { mailSent } from '../account/mail-request.ts';
import { assertTenantEnabled } from '../assert-may-sign-in.ts';
import type { FlowContext } from '../context.ts';
import type { MailSent } from '../types.ts';
import { type Actor, auditFields } from './actor.ts';
import { assertManagedHere, getWritableUser } from './visible-user.ts';

/** How long to wait when an address got as many mails as are allowed, in ms. */
const retryAfterMs = 3_600_000;

/**
 * Mails a user a link to set a new password, in place of a forgotten one.
 *
 * @throws not_found · forbidden · managed_elsewhere · user_disabled · tenant_disabled · mail_unavailable · rate_limited
 */
export async function mailPasswordReset(
  context: Pick<FlowContext, 'audit' | 'db' | 'limits' | 'mail' | 'mailOutbox' | 'oneTimeTokens' | 'tenants' | 'users'>,
  actor: Actor,
  id: string,
): Promise<MailSent> {
  const { audit, db, limits, mail, mailOutbox, oneTimeTokens, tenants } = context;
  const owner = await getWritableUser(context, actor, id);
  assertManagedHere(owner);
  const { tenantId, email, locale } = owner;
  if (email === null) throw fail('managed_elsewhere');
  if (owner.disabledAt !== null) throw fail('user_disabled');
  assertTenantEnabled(await tenants.find(db, tenantId));
  mail.assertAvailable('reset_password');
  const to = { tenantId, email, emailKey: identifierKey(email) };
  if (!(await limits.mails.take({ ...to, address: null }))) throw fail('rate_limited', { retryAfterMs });
  const send = async ({ tx }: Transaction) => {
    const { secret, tokenId, expiresAt } = await oneTimeTokens.issue(tx, { ...to, purpose: 'reset_password', owner });
    const outgoing = { tenantId, userId: id, recipient: email, locale: locale ?? undefined, tokenId, expiresAt };
    await mailOutbox.enqueue(tx, { ...outgoing, template: 'reset_password', data: { secret } });
    await audit.record(tx, { ...auditFields(actor), action: 'password_reset_mailed', tenantId, userId: id });
  };
  await withTransaction(db, send, actor.deadline);
  return mailSent('reset_password');
}
