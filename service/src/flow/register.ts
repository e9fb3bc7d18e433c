import { type CodeAnswer, fail } from '@latchkey/contract';
import type { Peer } from '@latchkey/sdk-server';
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
  if (!tenant.registrationOpen) throw fail('registration_closed');
  const user = await keepUser(needs, tenantId, input);
  const audited = {
    action: 'register' as const,
    tenantId,
    userId: user.id,
    addressPrefix: addressPrefix(peer.address),
  };
  await audit.record(db, audited).catch(onError);
  return issueCode(needs, user, input);
}

async function keepUser({ hooks, users, db }: FlowNeeds, tenantId: string, input: RegisterInput): Promise<User> {
  const { email, password, profile = {} } = input;
  const external = await hooks.register({ tenantId, email, password, profile });
  if (external !== undefined) return users.adopt(db, { ...external, tenantId });
  return users.register(db, { tenantId, email, password, profile });
}
