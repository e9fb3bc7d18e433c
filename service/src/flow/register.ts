import { type CodeAnswer, fail } from '@latchkey/contract';
import type { Peer } from '@latchkey/sdk-server';
import type { Db } from '../db/schema.ts';
import { transact } from '../db/transaction.ts';
import type { Tenant } from '../domain/tenant/tenant.ts';
import type { User } from '../domain/user/user.ts';
import type { RegisterInput } from './flows.ts';
import { checkRequest, issueCode } from './issue-code.ts';
import type { FlowNeeds } from './needs.ts';
import { addressPrefix } from './peer.ts';

/** A new user, and the code that signs them in at once. */
export async function register(needs: FlowNeeds, input: RegisterInput, peer: Peer): Promise<CodeAnswer> {
  const { hooks, tenants, audit, db, onError } = needs;
  checkRequest(needs, input);
  const tenantId = await hooks.getTenantId({ tenant: input.tenant, email: input.email, address: peer.address });
  const tenant = await tenants.find(db, tenantId);
  if (input.operatorInvite !== undefined) await needs.operators.assertOpen(db, input.operatorInvite);
  else if (!tenant.registrationOpen) throw fail('registration_closed');
  const user = await needs.limits.registrations.guard(peer.address, () => keepUser(needs, tenant, input));
  const audited = {
    action: 'register' as const,
    tenantId,
    userId: user.id,
    addressPrefix: addressPrefix(peer.address),
  };
  await audit.record(db, audited).catch(onError);
  return issueCode(needs, { user, tenant }, input);
}

async function keepUser(
  needs: FlowNeeds,
  { id: tenantId, name: tenantName }: Tenant,
  input: RegisterInput,
): Promise<User> {
  const { hooks, users, db } = needs;
  const { email, password, profile = {}, operatorInvite } = input;
  const external = await hooks.register({ tenantId, email, password, profile });
  const keep = (handle: Db) =>
    external === undefined
      ? users.register(handle, { tenantId, tenantName, email, password, profile })
      : users.adopt(handle, { ...external, tenantId });
  return operatorInvite === undefined ? keep(db) : keepOperator(needs, operatorInvite, keep);
}

/**
 * The user and the mark, or neither: of two who come with one invitation, the second is no user afterwards. Only whoever
 * holds an open invitation gets here, so that hashing inside the transaction costs nobody else.
 */
function keepOperator(
  { db, operators, audit }: FlowNeeds,
  invite: string,
  keep: (handle: Db) => Promise<User>,
): Promise<User> {
  return transact(db, async ({ tx }) => {
    const { id, tenantId, ...user } = await keep(tx);
    await operators.redeem(tx, invite, id);
    await audit.record(tx, { action: 'operator_added', tenantId, userId: id, detail: { by: 'invitation' } });
    return { ...user, id, tenantId, operator: true };
  });
}
