import { type CodeResponse, fail } from '@latchkey/contract';
import { type Deadline, deadlineNow } from '../../db/deadline.ts';
import { type Transaction, withTransaction } from '../../db/transaction.ts';
import type { OpenInvitation } from '../../domain/invitation/invitation.ts';
import type { OneTimeToken } from '../../domain/one-time-token/one-time-token.ts';
import type { Tenant } from '../../domain/tenant/tenant.ts';
import type { User } from '../../domain/user/user.ts';
import type { PreparedUser } from '../../domain/user/user-store.ts';
import type { FlowContext } from '../context.ts';
import { explainFailures } from '../explain-failures.ts';
import { assertLoginRequest, issueCode } from '../issue-code.ts';
import type { Client, SignInTarget } from '../types.ts';
import { limitMailProof } from './limit-mail-proof.ts';

type AcceptContext = Pick<
  FlowContext,
  | 'addresses'
  | 'audit'
  | 'causes'
  | 'codes'
  | 'config'
  | 'databaseClock'
  | 'db'
  | 'hooks'
  | 'invitations'
  | 'limits'
  | 'oneTimeTokens'
  | 'operators'
  | 'tenants'
  | 'users'
>;

export interface Acceptance extends SignInTarget {
  readonly secret: string;
  readonly password: string;
  readonly name?: string | undefined;
}

/**
 * Creates the user of an invitation and signs in. The address is proved if the link went to it by mail. A weak password uses
 * nothing, and sessions of other users in the browser stay as they are.
 *
 * @throws link_invalid · identifier_taken · weak_password · managed_elsewhere · overloaded · rate_limited too many accounts
 * were made, or links used, from this network
 */
export async function acceptInvitation(
  context: AcceptContext,
  { secret, password, name, ...target }: Acceptance,
  peer: Client,
  deadline: Deadline = deadlineNow(context.databaseClock),
): Promise<CodeResponse> {
  const { db, invitations, oneTimeTokens, tenants, users } = context;
  assertLoginRequest(context, target);
  if (context.hooks.managesUsers) throw fail('managed_elsewhere');
  await limitMailProof(context, (limits) => limits.take(peer.address));
  const token = await oneTimeTokens.findBySecret(db, secret, ['accept_invitation']);
  const invitation = await invitations.findOpen(db, token.id);
  const tenant = await tenants.find(db, invitation.tenantId);
  assertAcceptable(tenant, invitation);
  const { tenantId, email, appMetadata } = invitation;
  const create = async () => {
    if ((await users.findByEmail(db, tenantId, email)) !== undefined) throw fail('identifier_taken');
    const prepared = await users.prepare({ tenantId, tenant, email, password });
    const given = { ...prepared, name: name ?? invitation.name, appMetadata };
    const accept = ({ tx }: Transaction) => createInvited(context, tx, { token, invitation, given }, peer);
    return withTransaction(db, accept, deadline);
  };
  const limited = { rate_limited: 'registrations_limited', overloaded: 'passwords_overloaded' } as const;
  const user = await explainFailures(context, limited, () => context.limits.registrations.guard(peer.address, create));
  return issueCode(context, { user, tenant }, target, invitation.isMailed ? ['pwd', 'email'] : ['pwd']);
}

/** Whatever the tenant required when the invitation was made. @throws link_invalid */
function assertAcceptable({ emailVerification }: Tenant, { isMailed }: OpenInvitation): void {
  if (emailVerification === 'required' && !isMailed)
    throw fail('link_invalid', { detail: 'the tenant requires a verified address, and the link was not mailed' });
}

/** The token is used first: of two requests with one invitation, the second creates no user. */
async function createInvited(
  { addresses, audit, invitations, oneTimeTokens, operators, users }: AcceptContext,
  tx: Transaction['tx'],
  { token, invitation, given }: { token: OneTimeToken; invitation: OpenInvitation; given: PreparedUser },
  { addressPrefix }: Client,
): Promise<User> {
  await oneTimeTokens.consume(tx, token);
  const inserted = await users.insert(tx, given);
  const audited = { tenantId: inserted.tenantId, userId: inserted.id, addressPrefix };
  await invitations.accept(tx, invitation.id, inserted.id);
  await audit.record(tx, { ...audited, action: 'register', detail: { by: 'invitation' } });
  await audit.record(tx, { ...audited, action: 'invitation_accepted', detail: { invitation: invitation.id } });
  const user = invitation.isMailed ? await addresses.verify(tx, inserted.id) : inserted;
  if (invitation.isMailed) await audit.record(tx, { ...audited, action: 'email_verified' });
  else await oneTimeTokens.assertNotReserved(tx, inserted);
  if (!invitation.operator) return user;
  await operators.setOperator(tx, user.id, true);
  await audit.record(tx, { ...audited, action: 'operator_added', detail: { by: 'invitation' } });
  return { ...user, operator: true };
}
