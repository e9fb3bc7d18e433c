import { type CodeAnswer, fail } from '@latchkey/contract';
import type { Peer } from '@latchkey/sdk-server';
import type { Deadline } from '../db/deadline.ts';
import { transact } from '../db/transaction.ts';
import { canonicalAddress } from '../domain/user/canonical-address.ts';
import { identifierKey } from '../domain/user/identifier.ts';
import type { User } from '../domain/user/user.ts';
import { explained } from './explained.ts';
import { assertSomeScope } from './granted-scope.ts';
import { checkRequest, issueCode, unknownTenant } from './issue-code.ts';
import type { FlowNeeds } from './needs.ts';
import { recordRefusedLogin } from './refused-login.ts';
import type { LoginInput } from './types.ts';

/** Address and password for a code. @throws unavailable the deadline passed before a hook's user was stored */
export async function login(needs: FlowNeeds, given: LoginInput, peer: Peer, deadline: Deadline): Promise<CodeAnswer> {
  checkRequest(needs, given);
  const input = { ...given, email: canonicalAddress(given.email) };
  const tenantId = await needs.hooks.getTenantId({ tenant: input.tenant, email: input.email, address: peer.address });
  const tenant = await explained(needs, unknownTenant, () => needs.tenants.find(needs.db, tenantId));
  const tried = { tenantId, emailKey: identifierKey(input.email), address: peer.address };
  const typed = given.email;
  const user = await explained(needs, { rate_limited: 'logins_limited', overloaded: 'passwords_overloaded' }, () =>
    needs.limits.failedLogins.guard(tried, () => findUser(needs, tenantId, { ...input, typed }, deadline)),
  ).catch(async (error: unknown) => {
    await recordRefusedLogin(needs, { ...tried, typed }, error);
    throw error;
  });
  await assertSomeScope(needs, user, input.scope);
  return issueCode(needs, { user, tenant }, input);
}

async function findUser(
  needs: FlowNeeds,
  tenantId: string,
  { email, typed, password, fields }: LoginInput & { readonly typed: string },
  deadline: Deadline,
): Promise<User> {
  const { hooks, users, db } = needs;
  if (hooks.findUserByCredentials === undefined)
    // An account from before one spelling was made of all is found by the one that it registered.
    return inTenant(needs, tenantId, users.authenticate(db, { tenantId, email: typed, password }));
  await needs.tenants.find(db, tenantId);
  const found = await hooks.findUserByCredentials({ ...fields, tenantId, email, password });
  if (found === null) throw fail('invalid_credentials');
  return transact(db, ({ tx }) => users.adopt(tx, { ...found, tenantId }), deadline);
}

/** Nobody is found in a tenant that is not there, so only a failure has to ask. */
function inTenant(needs: FlowNeeds, tenantId: string, found: Promise<User>): Promise<User> {
  return found.catch(async (error: unknown) => {
    await needs.tenants.find(needs.db, tenantId);
    throw error;
  });
}
