import { type CodeResponse, fail } from '@latchkey/contract';
import { type Deadline, deadlineNow, forAllCreated } from '../../db/deadline.ts';
import { type Transaction, withTransaction } from '../../db/transaction.ts';
import type { Tenant } from '../../domain/tenant/tenant.ts';
import { assertMaySignIn } from '../assert-may-sign-in.ts';
import { awaitRevocations } from '../await-revocations.ts';
import type { FlowContext } from '../context.ts';
import { assertAnyScopeAllowed } from '../granted-scope.ts';
import { assertLoginRequest, issueCode } from '../issue-code.ts';
import type { Client, MailProof, MailSent, SignInTarget } from '../types.ts';
import { findMailToken, findTokenUser } from './find-mail-token.ts';
import { forgetPriorUser } from './forget-prior-user.ts';
import { limitMailProof } from './limit-mail-proof.ts';
import { mailSent, parseMailRequest } from './mail-request.ts';

/** Asks for a mail to sign in with. No account is looked up. @throws mail_unavailable · tenant_unknown · forbidden the tenant does not allow it */
export async function requestEmailSignIn(
  context: Pick<
    FlowContext,
    'causes' | 'databaseClock' | 'db' | 'hooks' | 'limits' | 'mail' | 'oneTimeTokens' | 'tenants'
  >,
  { ticket, ...input }: { readonly email: string; readonly tenant?: string | undefined; readonly ticket: string },
  peer: Client,
  deadline: Deadline = deadlineNow(context.databaseClock),
): Promise<MailSent> {
  const { tenant, request } = await parseMailRequest(context, 'sign_in', input, peer);
  assertEmailSignIn(tenant);
  await withTransaction(
    context.db,
    ({ tx }) => context.oneTimeTokens.request(tx, { ...request, holder: { ticket } }),
    deadline,
  );
  return mailSent('sign_in');
}

/** @throws forbidden */
function assertEmailSignIn({ emailSignIn }: Tenant): void {
  if (!emailSignIn) throw fail('forbidden', { message: 'This tenant has no sign-in by mail.' });
}

/**
 * Signs in by the link or the code of a mail, in the browser that asked. Where the address was not proved before, the
 * password, the profile and the sessions of the one who typed it at sign-up end.
 *
 * @throws link_invalid · mail_code_wrong · forbidden the tenant does not allow it any more · password_change_required ·
 * session_limit_reached · rate_limited too many wrong ones from this network
 */
export async function signInByMail(
  context: Pick<
    FlowContext,
    | 'addresses'
    | 'audit'
    | 'causes'
    | 'clock'
    | 'codes'
    | 'config'
    | 'databaseClock'
    | 'db'
    | 'feed'
    | 'hooks'
    | 'limits'
    | 'notices'
    | 'oneTimeTokens'
    | 'sessions'
    | 'tenants'
    | 'users'
  >,
  { proof, ...target }: SignInTarget & { readonly proof: MailProof & { readonly ticket: string } },
  { address, addressPrefix }: Client,
  deadline: Deadline = deadlineNow(context.databaseClock),
): Promise<CodeResponse> {
  const { addresses, audit, db, oneTimeTokens, sessions, tenants } = context;
  assertLoginRequest(context, target);
  const find = () => findMailToken(context, 'sign_in', proof);
  const token = await limitMailProof(context, (limits) => limits.guard(address, find));
  const found = await findTokenUser(context, token);
  await assertAnyScopeAllowed(context, found, target.scope);
  const tenant = await tenants.find(db, found.tenantId);
  assertEmailSignIn(tenant);
  const { id: userId, tenantId } = found;
  const signIn = async ({ tx }: Transaction) => {
    await oneTimeTokens.consume(tx, token);
    const owner = await addresses.takePossession(tx, userId);
    // Sessions of before the first proof end, so that nothing limits the sign-in of the owner.
    if (owner === undefined) {
      await assertMaySignIn({ db: tx, sessions }, tenant, found);
      return { user: found, ended: [] };
    }
    await forgetPriorUser(context, tx, owner, { addressPrefix });
    await audit.record(tx, { action: 'email_verified', tenantId, userId, addressPrefix });
    // Last, because it locks the row of `blacklist_head`, which all ends of sessions need.
    return { user: owner, ended: await sessions.end(tx, { userId }, 'ended_by_user', forAllCreated(deadline)) };
  };
  const { user, ended } = await withTransaction(db, signIn, { ...deadline, lock: ['users', userId] });
  if (ended.length > 0) await awaitRevocations(context, { sids: ended, reason: 'ended_by_user' });
  return issueCode(context, { user, tenant }, target, ['email']);
}
