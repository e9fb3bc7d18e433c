import { type EndedSessions, fail } from '@latchkey/contract';
import { type Deadline, deadlineNow, forAllCreated } from '../../db/deadline.ts';
import { type Transaction, withTransaction } from '../../db/transaction.ts';
import type { OneTimeToken } from '../../domain/one-time-token/one-time-token.ts';
import { assertDomainAllowed } from '../../domain/tenant/allowed-domain.ts';
import { parseNewIdentifier } from '../../domain/user/identifier.ts';
import type { User } from '../../domain/user/user.ts';
import { awaitRevocations } from '../await-revocations.ts';
import type { FlowContext } from '../context.ts';
import { assertFreshSignIn } from '../fresh-sign-in.ts';
import { type RenewClaimsContext, renewClaims } from '../renew-claims.ts';
import type { Caller, Client, MailSent, SessionMailProof } from '../types.ts';
import { findMailTokenOfCaller, findTokenUser } from './find-mail-token.ts';
import { forgetPriorUser } from './forget-prior-user.ts';
import { limitMailProof } from './limit-mail-proof.ts';
import { mailSent } from './mail-request.ts';

/** How fresh a sign-in has to be for a change of the address, in seconds. */
const maxSignInAgeSeconds = 15 * 60;

/**
 * Asks for a mail to the new address. The answer is the same for an address that is taken.
 *
 * @throws reauthentication_required · invalid_credentials · invalid_request the address · domain_not_allowed ·
 * mail_unavailable
 */
export async function requestEmailChange(
  context: Pick<FlowContext, 'databaseClock' | 'db' | 'limits' | 'mail' | 'oneTimeTokens' | 'tenants' | 'users'>,
  caller: Caller,
  input: { readonly email: string; readonly currentPassword: string },
  { address }: Client,
  deadline: Deadline = deadlineNow(context.databaseClock),
): Promise<MailSent> {
  const { db, limits, mail, oneTimeTokens, tenants, users } = context;
  mail.assertAvailable('change_email');
  assertFreshSignIn(context, caller, maxSignInAgeSeconds);
  const { email, key: emailKey, skeleton } = parseNewIdentifier(input.email);
  assertDomainAllowed(await tenants.find(db, caller.tenantId), email);
  const attempt = { tenantId: caller.tenantId, emailKey: caller.userId, address };
  const owner = await limits.failedLogins.guard(attempt, () =>
    users.verifyPassword(db, caller.userId, input.currentPassword),
  );
  const to = { tenantId: owner.tenantId, email, emailKey };
  const isMailed = await limits.mails.take({ ...to, address });
  const base = { ...to, purpose: 'change_email' as const, holder: { sid: caller.sid }, owner, isMailed };
  const request = { ...base, data: { skeleton } };
  if (!(await withTransaction(db, ({ tx }) => oneTimeTokens.request(tx, request), deadline)))
    throw fail('unauthenticated');
  return mailSent('change_email');
}

/**
 * Changes the caller's address to the one that was proved. The other sessions end, this one gets the changed claims with its
 * next access token, and the old address gets a mail with which the change is undone for 72 hours.
 *
 * @throws link_invalid · mail_code_wrong · identifier_taken · domain_not_allowed
 */
export async function verifyEmailChange(
  context: RenewClaimsContext &
    Pick<FlowContext, 'addresses' | 'clock' | 'feed' | 'mailOutbox' | 'oneTimeTokens' | 'tenants'>,
  caller: Caller,
  proof: SessionMailProof,
  { addressPrefix }: Client,
  deadline: Deadline = deadlineNow(context.databaseClock),
): Promise<EndedSessions> {
  const { addresses, audit, db, oneTimeTokens, sessions, tenants } = context;
  const token = await findMailTokenOfCaller(context, 'change_email', caller, proof);
  const before = await findTokenUser(context, token);
  assertDomainAllowed(await tenants.find(db, caller.tenantId), token.email ?? '');
  const { userId, tenantId, sid } = caller;
  const change = async ({ tx }: Transaction) => {
    await oneTimeTokens.consume(tx, token);
    const after = await addresses.change(tx, userId, addressOf(token));
    await mailOldAddress(context, tx, before, after);
    await audit.record(tx, { action: 'email_changed', tenantId, userId, sid, addressPrefix });
    // Last, because it locks the row of `blacklist_head`, which all ends of sessions need.
    return sessions.end(tx, { userId, except: sid }, 'email_changed', forAllCreated(deadline));
  };
  const ended = await withTransaction(db, change, { ...deadline, lock: ['users', userId] });
  await awaitRevocations(context, { sids: ended, reason: 'email_changed' });
  await renewClaims(context, before, { addressPrefix });
  return { ended: ended.length };
}

/** Data of an undo whose address was never proved: its use is the first proof of that address. */
const firstProof = { isFirstProof: true };

/** Mails the old address a link with which the change is undone. */
async function mailOldAddress(
  { mailOutbox, oneTimeTokens }: Pick<FlowContext, 'mailOutbox' | 'oneTimeTokens'>,
  tx: Transaction['tx'],
  { email: recipient, emailVerifiedAt, locale, tenantId }: User,
  owner: User,
): Promise<void> {
  if (recipient === null) return;
  const { key: emailKey } = parseNewIdentifier(recipient);
  const data = emailVerifiedAt === null ? firstProof : undefined;
  const undo = { purpose: 'undo_email_change' as const, tenantId, owner, email: recipient, emailKey, data };
  const { secret, tokenId, expiresAt } = await oneTimeTokens.issue(tx, undo);
  const mail = { tenantId, userId: owner.id, recipient, locale: locale ?? undefined, tokenId, expiresAt };
  await mailOutbox.enqueue(tx, { ...mail, template: 'email_changed', data: { secret } });
}

/**
 * Sets the address of before a change, by the link that the old address got. Password and sessions end, and the address that the
 * account loses gets a mail. If it is the first proof of that address, another user may have signed up with it: what that user
 * wrote of itself is erased.
 *
 * @throws link_invalid · identifier_taken · rate_limited
 */
export async function undoEmailChange(
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
    | 'users'
  >,
  { secret }: { readonly secret: string },
  { address, addressPrefix }: Client,
  deadline: Deadline = deadlineNow(context.databaseClock),
): Promise<EndedSessions> {
  const { addresses, audit, db, oneTimeTokens, sessions, users } = context;
  await limitMailProof(context, (limits) => limits.take(address));
  const token = await oneTimeTokens.findBySecret(db, secret, ['undo_email_change']);
  const { id: userId, tenantId } = await findTokenUser(context, token);
  const undo = async ({ tx }: Transaction) => {
    await oneTimeTokens.consume(tx, token);
    const before = await users.find(tx, userId);
    const isFirstProof = token.data?.isFirstProof === true;
    const user = await addresses.restore(tx, userId, parseNewIdentifier(token.email!), { isFirstProof });
    if (isFirstProof) await forgetPriorUser(context, tx, user, { addressPrefix });
    if (before !== undefined) await notifyLostAddress(context, tx, before);
    await audit.record(tx, { action: 'email_change_undone', tenantId, userId, addressPrefix });
    // Last, because it locks the row of `blacklist_head`, which all ends of sessions need.
    return sessions.end(tx, { userId }, 'email_changed', forAllCreated(deadline));
  };
  const ended = await withTransaction(db, undo, { ...deadline, lock: ['users', userId] });
  await awaitRevocations(context, { sids: ended, reason: 'email_changed' });
  return { ended: ended.length };
}

/** Mails the address that the account loses by an undo. */
async function notifyLostAddress(
  { mail, mailOutbox }: Pick<FlowContext, 'mail' | 'mailOutbox'>,
  tx: Transaction['tx'],
  { id: userId, tenantId, email: recipient, locale }: User,
): Promise<void> {
  if (recipient === null || !mail.isAvailable()) return;
  const notice = { tenantId, userId, recipient, locale: locale ?? undefined };
  await mailOutbox.enqueue(tx, { ...notice, template: 'email_restored', data: {} });
}

function addressOf({ email, emailKey, data }: OneTimeToken) {
  if (email === null || emailKey === null) throw fail('link_invalid');
  return { email, key: emailKey, skeleton: data?.skeleton == null ? null : String(data.skeleton) };
}
