import { type CodeResponse, fail } from '@latchkey/contract';
import { type Deadline, deadlineNow } from '../../db/deadline.ts';
import { type Transaction, withTransaction } from '../../db/transaction.ts';
import type { LimitedLogin } from '../../domain/limit/limit.ts';
import type { OneTimeToken } from '../../domain/one-time-token/one-time-token.ts';
import { assertDomainAllowed } from '../../domain/tenant/allowed-domain.ts';
import { canonicalizeEmail } from '../../domain/user/canonical-email.ts';
import { identifierKey } from '../../domain/user/identifier.ts';
import { isManagedElsewhere, type User } from '../../domain/user/user.ts';
import { assertMaySignIn } from '../assert-may-sign-in.ts';
import type { FlowContext } from '../context.ts';
import { explainFailures } from '../explain-failures.ts';
import { findCallerUser } from '../find-caller-user.ts';
import { assertAnyScopeAllowed } from '../granted-scope.ts';
import { assertLoginRequest, issueCode } from '../issue-code.ts';
import { recordRefusedLogin } from '../refused-login.ts';
import { type RenewClaimsContext, renewClaims } from '../renew-claims.ts';
import type { Caller, Client, MailProof, MailSent, SessionMailProof, SignInTarget } from '../types.ts';
import { findMailToken, findMailTokenOfCaller, findTokenUser } from './find-mail-token.ts';
import { limitMailProof } from './limit-mail-proof.ts';
import { mailSent, parseMailRequest } from './mail-request.ts';
import { parsePendingUser } from './pending-user.ts';

type RequestContext = Pick<
  FlowContext,
  'causes' | 'databaseClock' | 'db' | 'hooks' | 'limits' | 'mail' | 'oneTimeTokens' | 'tenants' | 'users'
>;

/** Asks for the mail of a sign-up again, in the browser that signed up. @throws mail_unavailable */
export async function requestVerificationAgain(
  context: RequestContext,
  { ticket }: { readonly ticket: string },
  { address }: Client,
  deadline: Deadline = deadlineNow(context.databaseClock),
): Promise<MailSent> {
  const { db, limits, mail, oneTimeTokens } = context;
  mail.assertAvailable('verify_email');
  const request = await oneTimeTokens.findRequest(db, 'verify_email', { ticket });
  if (request !== undefined) {
    const isMailed = await limits.mails.take({ ...request, address });
    await withTransaction(db, ({ tx }) => oneTimeTokens.request(tx, { ...request, isMailed }), deadline);
  }
  return mailSent('verify_email');
}

/** Asks for a mail to prove the address, by address and password. @throws as `login` · mail_unavailable */
export async function requestVerificationByPassword(
  context: RequestContext & Pick<FlowContext, 'audit' | 'onError' | 'secrets'>,
  {
    password,
    ticket,
    ...input
  }: {
    readonly email: string;
    readonly password: string;
    readonly tenant?: string | undefined;
    readonly ticket: string;
  },
  peer: Client,
  deadline: Deadline = deadlineNow(context.databaseClock),
): Promise<MailSent> {
  const { db, oneTimeTokens } = context;
  const { request } = await parseMailRequest(context, 'verify_email', input, peer);
  const attempt = { tenantId: request.tenantId, emailKey: request.emailKey, address: peer.address };
  const owner = await authenticateOwner(context, attempt, { email: input.email, password }).catch(
    async (error: unknown) => {
      const { addressPrefix } = peer;
      await recordRefusedLogin(context, { ...attempt, typed: input.email, addressPrefix }, error);
      throw error;
    },
  );
  const tokenRequest = { ...request, holder: { ticket }, owner };
  if (!(await withTransaction(db, ({ tx }) => oneTimeTokens.request(tx, tokenRequest), deadline)))
    throw fail('invalid_credentials', { detail: 'the user was deleted meanwhile' });
  return mailSent('verify_email');
}

/** @throws invalid_credentials · user_disabled · rate_limited · overloaded */
function authenticateOwner(
  context: Pick<FlowContext, 'causes' | 'db' | 'limits' | 'users'>,
  attempt: LimitedLogin,
  credentials: { readonly email: string; readonly password: string },
): Promise<User> {
  const { db, limits, users } = context;
  return explainFailures(context, { rate_limited: 'logins_limited', overloaded: 'passwords_overloaded' }, () =>
    limits.failedLogins.guard(attempt, () => users.authenticate(db, { tenantId: attempt.tenantId, ...credentials })),
  );
}

/** Asks for a mail to prove the caller's address. @throws mail_unavailable · unauthenticated */
export async function requestVerification(
  context: RequestContext,
  caller: Caller,
  { address }: Client,
  deadline: Deadline = deadlineNow(context.databaseClock),
): Promise<MailSent> {
  const { db, limits, mail, oneTimeTokens } = context;
  mail.assertAvailable('verify_email');
  const owner = await findCallerUser(context, caller);
  if (owner.email === null || isManagedElsewhere(owner)) throw fail('managed_elsewhere');
  const { tenantId } = owner;
  const email = canonicalizeEmail(owner.email);
  const to = { tenantId, email, emailKey: identifierKey(email) };
  const isMailed = await limits.mails.take({ ...to, address });
  const tokenRequest = { ...to, purpose: 'verify_email' as const, holder: { sid: caller.sid }, owner, isMailed };
  if (!(await withTransaction(db, ({ tx }) => oneTimeTokens.request(tx, tokenRequest), deadline)))
    throw fail('unauthenticated');
  return mailSent('verify_email');
}

/** Proves the caller's address. Its sessions stay, and get the claim with their next access token. @throws link_invalid · mail_code_wrong */
export async function verifyEmailOfCaller(
  context: RenewClaimsContext & Pick<FlowContext, 'addresses' | 'oneTimeTokens'>,
  caller: Caller,
  proof: SessionMailProof,
  { addressPrefix }: Client,
  deadline: Deadline = deadlineNow(context.databaseClock),
): Promise<{ readonly email_verified: true }> {
  const { addresses, audit, db, oneTimeTokens } = context;
  const token = await findMailTokenOfCaller(context, 'verify_email', caller, proof);
  const { userId, tenantId, sid } = caller;
  const verify = async ({ tx }: Transaction) => {
    await oneTimeTokens.consume(tx, token);
    await audit.record(tx, { action: 'email_verified', tenantId, userId, sid, addressPrefix });
    return addresses.verify(tx, userId);
  };
  const user = await withTransaction(db, verify, { ...deadline, lock: ['users', userId] });
  await renewClaims(context, user, { addressPrefix });
  return { email_verified: true };
}

/**
 * Proves the address of a sign-up and signs in: in the browser that signed up by its ticket, in another one by the password.
 * A link alone is not enough. Where the tenant requires a proved address, the user is created now.
 *
 * @throws link_invalid · mail_code_wrong · invalid_credentials · identifier_taken the address was taken meanwhile ·
 * domain_not_allowed · password_change_required · session_limit_reached · rate_limited
 */
export async function verifyEmail(
  context: RenewClaimsContext &
    Pick<FlowContext, 'addresses' | 'causes' | 'codes' | 'config' | 'limits' | 'oneTimeTokens' | 'tenants'>,
  { proof, password, ...target }: SignInTarget & { readonly proof: MailProof; readonly password?: string | undefined },
  peer: Client,
  deadline: Deadline = deadlineNow(context.databaseClock),
): Promise<CodeResponse> {
  const { db, oneTimeTokens, tenants } = context;
  assertLoginRequest(context, target);
  const find = () => findMailToken(context, 'verify_email', proof);
  const token = await limitMailProof(context, (limits) => limits.guard(peer.address, find));
  if (proof.ticket === undefined) await verifyPasswordOf(context, token, password, peer);
  const known = token.userId === null ? undefined : await findTokenUser(context, token);
  const tenant = await tenants.find(db, token.tenantId);
  if (known === undefined) assertDomainAllowed(tenant, token.email ?? '');
  else {
    await assertAnyScopeAllowed(context, known, target.scope);
    await assertMaySignIn(context, tenant, known);
  }
  const keep = async ({ tx }: Transaction) => {
    await oneTimeTokens.consume(tx, token);
    return known === undefined ? createVerified(context, tx, token, peer) : markVerified(context, tx, known, peer);
  };
  const bounds = known === undefined ? deadline : { ...deadline, lock: ['users', known.id] as const };
  const user = await withTransaction(db, keep, bounds);
  if (known !== undefined) await renewClaims(context, user, { addressPrefix: peer.addressPrefix });
  return issueCode(context, { user, tenant }, target, ['pwd', 'email']);
}

/** @throws invalid_credentials · rate_limited */
async function verifyPasswordOf(
  context: Pick<FlowContext, 'causes' | 'db' | 'limits' | 'users'>,
  token: OneTimeToken,
  password: string | undefined,
  { address }: Client,
): Promise<void> {
  if (password === undefined) throw fail('invalid_credentials', { detail: 'neither ticket nor password' });
  const { db, limits, users } = context;
  const attempt = { tenantId: token.tenantId, emailKey: token.emailKey ?? token.id, address };
  const verify = () =>
    token.userId === null
      ? users.verifyPending(parsePendingUser(token).passwordHash, password)
      : users.verifyPassword(db, token.userId, password);
  await explainFailures(context, { rate_limited: 'logins_limited', overloaded: 'passwords_overloaded' }, () =>
    limits.failedLogins.guard<unknown>(attempt, verify),
  );
}

async function createVerified(
  { addresses, audit, users }: Pick<FlowContext, 'addresses' | 'audit' | 'users'>,
  tx: Transaction['tx'],
  token: OneTimeToken,
  { addressPrefix }: Client,
): Promise<User> {
  const { id, tenantId } = await users.insert(tx, parsePendingUser(token));
  const user = await addresses.verify(tx, id);
  await audit.record(tx, { action: 'register', tenantId, userId: id, addressPrefix });
  await audit.record(tx, { action: 'email_verified', tenantId, userId: id, addressPrefix });
  return user;
}

async function markVerified(
  { addresses, audit }: Pick<FlowContext, 'addresses' | 'audit'>,
  tx: Transaction['tx'],
  { id: userId, tenantId }: User,
  { addressPrefix }: Client,
): Promise<User> {
  await audit.record(tx, { action: 'email_verified', tenantId, userId, addressPrefix });
  return addresses.verify(tx, userId);
}
