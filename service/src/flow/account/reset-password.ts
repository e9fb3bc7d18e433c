import type { EndedSessions } from '@latchkey/contract';
import { type Deadline, deadlineNow, forAllCreated } from '../../db/deadline.ts';
import { type Transaction, withTransaction } from '../../db/transaction.ts';
import { passwordContextOf } from '../../domain/user/password-rules.ts';
import { awaitRevocations } from '../await-revocations.ts';
import type { FlowContext } from '../context.ts';
import { explainFailures } from '../explain-failures.ts';
import type { Client, MailProof, MailSent } from '../types.ts';
import { findMailToken, findTokenUser } from './find-mail-token.ts';
import { forgetPriorUser } from './forget-prior-user.ts';
import { limitMailProof } from './limit-mail-proof.ts';
import { mailSent, parseMailRequest } from './mail-request.ts';
import { notifyPasswordChange } from './notify-password-change.ts';

/** Asks for a mail with a link and a code to set a new password. No account is looked up. @throws mail_unavailable · tenant_unknown */
export async function requestPasswordReset(
  context: Pick<
    FlowContext,
    'causes' | 'databaseClock' | 'db' | 'hooks' | 'limits' | 'mail' | 'oneTimeTokens' | 'tenants'
  >,
  input: { readonly email: string; readonly tenant?: string | undefined; readonly ticket?: string | undefined },
  peer: Client,
  deadline: Deadline = deadlineNow(context.databaseClock),
): Promise<MailSent> {
  const { request } = await parseMailRequest(context, 'reset_password', input, peer);
  const holder = input.ticket === undefined ? undefined : { ticket: input.ticket };
  await withTransaction(context.db, ({ tx }) => context.oneTimeTokens.request(tx, { ...request, holder }), deadline);
  return mailSent('reset_password');
}

/**
 * Sets a new password by the link or code of a mail. Does not sign in, ends every session, and makes every code and token of
 * the user invalid. The first proof of the address also erases what was written of the user before. A weak password uses nothing.
 *
 * @throws link_invalid · mail_code_wrong · weak_password · overloaded · rate_limited
 */
export async function resetPassword(
  context: Pick<
    FlowContext,
    | 'addresses'
    | 'audit'
    | 'causes'
    | 'clock'
    | 'databaseClock'
    | 'db'
    | 'feed'
    | 'limits'
    | 'mail'
    | 'mailOutbox'
    | 'notices'
    | 'oneTimeTokens'
    | 'sessions'
    | 'tenants'
    | 'users'
  >,
  input: { readonly proof: MailProof; readonly newPassword: string },
  { address, addressPrefix }: Client,
  deadline: Deadline = deadlineNow(context.databaseClock),
): Promise<EndedSessions> {
  const { addresses, audit, db, oneTimeTokens, sessions, tenants, users } = context;
  await limitMailProof(context, (limits) => limits.take(address));
  const token = await findMailToken(context, 'reset_password', input.proof);
  const owner = await findTokenUser(context, token);
  const { id: userId, tenantId, email } = owner;
  const tenant = await tenants.find(db, tenantId);
  const hash = await explainFailures(context, { overloaded: 'passwords_overloaded' }, async () => {
    await users.assertPasswordReplaced(db, owner, input.newPassword);
    return users.hashNewPassword(input.newPassword, passwordContextOf(tenant, email));
  });
  const reset = async ({ tx }: Transaction) => {
    await oneTimeTokens.consume(tx, token);
    const user = await addresses.resetPassword(tx, userId, hash);
    if (owner.emailVerifiedAt === null) await forgetPriorUser(context, tx, user, { addressPrefix });
    await audit.record(tx, { action: 'password_reset', tenantId, userId, addressPrefix });
    await notifyPasswordChange(context, tx, user);
    // Last, because it locks the row of `blacklist_head`, which all ends of sessions need.
    return sessions.end(tx, { userId }, 'password_reset', forAllCreated(deadline));
  };
  const ended = await withTransaction(db, reset, { ...deadline, lock: ['users', userId] });
  await awaitRevocations(context, { sids: ended, reason: 'password_reset' });
  return { ended: ended.length };
}
