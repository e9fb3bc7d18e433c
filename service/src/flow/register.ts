import { type CodeAnswer, fail } from '@latchkey/contract';
import type { Peer } from '@latchkey/sdk-server';
import type { Deadline } from '../db/deadline.ts';
import type { Db } from '../db/schema.ts';
import { type Transaction, transact } from '../db/transaction.ts';
import type { Tenant } from '../domain/tenant/tenant.ts';
import { canonicalAddress } from '../domain/user/canonical-address.ts';
import type { User } from '../domain/user/user.ts';
import { explained } from './explained.ts';
import { checkRequest, issueCode, unknownTenant } from './issue-code.ts';
import type { FlowNeeds } from './needs.ts';
import { addressPrefix } from './peer.ts';
import type { RegisterInput } from './types.ts';

/** A new user, and the code that signs them in at once. @throws unavailable the deadline passed; there is no new user */
export async function register(
  needs: FlowNeeds,
  given: RegisterInput,
  peer: Peer,
  deadline: Deadline,
): Promise<CodeAnswer> {
  const { hooks, tenants, audit, db, onError } = needs;
  checkRequest(needs, given);
  const input = { ...given, email: canonicalAddress(given.email) };
  const tenantId = await hooks.getTenantId({ tenant: input.tenant, email: input.email, address: peer.address });
  const tenant = await explained(needs, unknownTenant, () => tenants.find(db, tenantId));
  if (input.operatorInvite !== undefined) await needs.operators.assertOpen(db, input.operatorInvite);
  else if (!tenant.registrationOpen) throw fail('registration_closed');
  const limited = { rate_limited: 'registrations_limited', overloaded: 'passwords_overloaded' } as const;
  const user = await explained(needs, limited, () =>
    needs.limits.registrations.guard(peer.address, () => keepUser(needs, tenant, input, deadline)),
  );
  const audited = {
    action: 'register' as const,
    tenantId,
    userId: user.id,
    addressPrefix: addressPrefix(peer.address),
  };
  await audit.record(db, audited).catch(onError);
  return issueCode(needs, { user, tenant }, input);
}

async function keepUser(needs: FlowNeeds, tenant: Tenant, input: RegisterInput, deadline: Deadline): Promise<User> {
  const { db, operators, audit } = needs;
  const { operatorInvite } = input;
  const store = await accepted(needs, tenant, input);
  /** The user and the mark, or neither: of two who come with one invitation, the second is no user afterwards. */
  const keep = async ({ tx }: Transaction) => {
    const user = await store(tx);
    if (operatorInvite === undefined) return user;
    const { id: userId, tenantId } = user;
    await operators.redeem(tx, operatorInvite, userId);
    await audit.record(tx, { action: 'operator_added', tenantId, userId, detail: { by: 'invitation' } });
    return { ...user, operator: true };
  };
  return transact(db, keep, deadline);
}

/** What stores the user, once hook and password rules have accepted it: a password is hashed before the transaction. */
async function accepted(
  { hooks, users }: FlowNeeds,
  { id: tenantId, name: tenantName }: Tenant,
  { email, password, profile = {} }: RegisterInput,
): Promise<(tx: Db) => Promise<User>> {
  const external = await hooks.register({ tenantId, email, password, profile });
  if (external !== undefined) return (tx) => users.adopt(tx, { ...external, tenantId });
  const prepared = await users.prepare({ tenantId, tenantName, email, password, profile });
  return (tx) => users.insert(tx, prepared);
}
