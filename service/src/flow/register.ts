import { type CodeResponse, fail } from '@latchkey/contract';
import { type Deadline, deadlineNow } from '../db/deadline.ts';
import type { Db } from '../db/schema.ts';
import { type Transaction, withTransaction } from '../db/transaction.ts';
import { assertDomainAllowed } from '../domain/tenant/allowed-domain.ts';
import type { Tenant } from '../domain/tenant/tenant.ts';
import { canonicalizeEmail } from '../domain/user/canonical-email.ts';
import { identifierKey } from '../domain/user/identifier.ts';
import { isManagedElsewhere, type User } from '../domain/user/user.ts';
import { mailSent } from './account/mail-request.ts';
import { toPendingData } from './account/pending-user.ts';
import { assertTenantEnabled } from './assert-may-sign-in.ts';
import type { FlowContext, SignInContext } from './context.ts';
import { explainFailures } from './explain-failures.ts';
import { assertLoginRequest, issueCode, unknownTenantCauses } from './issue-code.ts';
import type { Client, MailSent, RegisterRequest } from './types.ts';

/**
 * A new user, and the code that signs them in at once. Where the tenant requires a proved address, there is no user yet, and
 * the answer is the same for an address that is taken: a mail is on its way.
 *
 * @throws unavailable the deadline passed; there is no new user
 */
export async function register(
  context: SignInContext,
  given: RegisterRequest,
  peer: Client,
  deadline: Deadline = deadlineNow(context.databaseClock),
): Promise<CodeResponse | MailSent> {
  const { hooks, tenants, audit, db, onError } = context;
  assertLoginRequest(context, given);
  const input = { ...given, email: canonicalizeEmail(given.email) };
  const tenantId = await hooks.getTenantId({ tenant: input.tenant, email: input.email, address: peer.address });
  const tenant = await explainFailures(context, unknownTenantCauses, () => tenants.find(db, tenantId));
  assertTenantEnabled(tenant);
  assertDomainAllowed(tenant, input.email);
  if (input.operatorInvite !== undefined) await context.operators.assertInviteValid(db, input.operatorInvite);
  else if (!tenant.registrationOpen) throw fail('registration_closed');
  const isVerifiedFirst = tenant.emailVerification === 'required' && input.operatorInvite === undefined;
  const limited = { rate_limited: 'registrations_limited', overloaded: 'passwords_overloaded' } as const;
  const guard = <T>(work: () => Promise<T>) =>
    explainFailures(context, limited, () => context.limits.registrations.guard(peer.address, work));
  if (isVerifiedFirst) return guard(() => requestSignUp(context, tenant, input, peer, deadline));
  const user = await guard(() => createUser(context, tenant, input, deadline));
  const audited = {
    action: 'register' as const,
    tenantId,
    userId: user.id,
    addressPrefix: peer.addressPrefix,
  };
  await audit.record(db, audited).catch(onError);
  if (tenant.emailVerification !== 'off') await requestVerificationOf(context, user, input, peer).catch(onError);
  return issueCode(context, { user, tenant }, input);
}

/** Stores a sign-up until its address is proved. No account is looked up. */
async function requestSignUp(
  context: SignInContext,
  tenant: Tenant,
  { email, password, profile = {}, ticket }: RegisterRequest,
  { address }: Client,
  deadline: Deadline,
): Promise<MailSent> {
  const { db, limits, mail, oneTimeTokens, users } = context;
  mail.assertAvailable('verify_email');
  const tenantId = tenant.id;
  const prepared = await users.prepare({ tenantId, tenant, email, password, profile });
  const to = { tenantId, email: prepared.email, emailKey: prepared.emailKey };
  const isMailed = await limits.mails.take({ ...to, address });
  const holder = ticket === undefined ? undefined : { ticket };
  const request = { ...to, purpose: 'verify_email' as const, holder, isMailed, data: toPendingData(prepared) };
  await withTransaction(db, ({ tx }) => oneTimeTokens.request(tx, request), deadline);
  return mailSent('verify_email');
}

/** Asks for the mail that proves the address of a new user, who is signed in already. */
async function requestVerificationOf(
  { db, limits, mail, oneTimeTokens }: Pick<FlowContext, 'db' | 'limits' | 'mail' | 'oneTimeTokens'>,
  owner: User,
  { ticket }: RegisterRequest,
  { address }: Client,
): Promise<void> {
  if (owner.email === null || isManagedElsewhere(owner) || !mail.isAvailable('verify_email')) return;
  const to = { tenantId: owner.tenantId, email: owner.email, emailKey: identifierKey(owner.email) };
  const isMailed = await limits.mails.take({ ...to, address });
  const holder = ticket === undefined ? undefined : { ticket };
  await oneTimeTokens.request(db, { ...to, purpose: 'verify_email', holder, owner, isMailed });
}

async function createUser(
  context: Pick<FlowContext, 'audit' | 'db' | 'hooks' | 'oneTimeTokens' | 'operators' | 'users'>,
  tenant: Tenant,
  input: RegisterRequest,
  deadline: Deadline,
): Promise<User> {
  const { db, oneTimeTokens, operators, audit } = context;
  const { operatorInvite } = input;
  const store = await prepareUser(context, tenant, input);
  /** Creates the user and the operator flag in one transaction: of two requests with one invitation, the second creates no user. */
  const keep = async ({ tx }: Transaction) => {
    const user = await store(tx);
    await oneTimeTokens.assertNotReserved(tx, user);
    if (operatorInvite === undefined) return user;
    const { id: userId, tenantId } = user;
    await operators.redeem(tx, operatorInvite, userId);
    await audit.record(tx, { action: 'operator_added', tenantId, userId, detail: { by: 'invitation' } });
    return { ...user, operator: true };
  };
  return withTransaction(db, keep, deadline);
}

/** What stores the user, once hook and password rules have accepted it: a password is hashed before the transaction. */
async function prepareUser(
  { hooks, users }: Pick<FlowContext, 'hooks' | 'users'>,
  tenant: Tenant,
  { email, password, profile = {} }: RegisterRequest,
): Promise<(tx: Db) => Promise<User>> {
  const tenantId = tenant.id;
  const external = await hooks.register({ tenantId, email, password, profile });
  if (external !== undefined) return (tx) => users.upsertExternal(tx, { ...external, tenantId });
  const prepared = await users.prepare({ tenantId, tenant, email, password, profile });
  return (tx) => users.insert(tx, prepared);
}
