import { type CodeAnswer, Failure, fail } from '@latchkey/contract';
import type { Peer } from '@latchkey/sdk-server';
import type { User } from '../domain/user/user.ts';
import type { LoginInput } from './flows.ts';
import { checkRequest, issueCode } from './issue-code.ts';
import type { FlowNeeds } from './needs.ts';
import { addressPrefix } from './peer.ts';

/** Address and password for a code. */
export async function login(needs: FlowNeeds, input: LoginInput, peer: Peer): Promise<CodeAnswer> {
  checkRequest(needs, input);
  const tenantId = await needs.hooks.getTenantId({ tenant: input.tenant, email: input.email, address: peer.address });
  const attempt = { tenantId, email: input.email, address: peer.address };
  await needs.limits.failedLogins.check(attempt);
  try {
    const user = await findUser(needs, tenantId, input);
    await needs.limits.failedLogins.succeed(attempt);
    return await issueCode(needs, user, input);
  } catch (error) {
    if (error instanceof Failure && error.code === 'invalid_credentials') {
      await needs.limits.failedLogins.fail(attempt);
      await needs.audit.record(needs.db, {
        action: 'login_failed',
        tenantId,
        addressPrefix: addressPrefix(peer.address),
      });
    }
    throw error;
  }
}

async function findUser(needs: FlowNeeds, tenantId: string, { email, password }: LoginInput): Promise<User> {
  const { hooks, users, tenants, db } = needs;
  await tenants.find(db, tenantId);
  if (hooks.findUserByCredentials === undefined) return users.authenticate(db, { tenantId, email, password });
  const found = await hooks.findUserByCredentials({ tenantId, email, password });
  if (found === null) throw fail('invalid_credentials');
  const user = await users.adopt(db, { ...found, tenantId });
  if (user.disabledAt !== null) throw fail('user_disabled');
  return user;
}
