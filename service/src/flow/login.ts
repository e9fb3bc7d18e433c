import { type CodeResponse, fail } from '@latchkey/contract';
import { type Deadline, deadlineNow } from '../db/deadline.ts';
import type { Tenant } from '../domain/tenant/tenant.ts';
import { isManagedElsewhere, type User } from '../domain/user/user.ts';
import { assertMaySignIn, assertTenantEnabled } from './assert-may-sign-in.ts';
import { authenticateByPassword } from './authenticate-by-password.ts';
import type { SignInContext } from './context.ts';
import { assertAnyScopeAllowed } from './granted-scope.ts';
import { assertLoginRequest, issueCode } from './issue-code.ts';
import type { Client, LoginRequest } from './types.ts';

/**
 * Address and password for a code.
 *
 * @throws tenant_disabled · email_unverified · password_change_required · session_limit_reached · unavailable the deadline
 * passed before a hook's user was stored
 */
export async function login(
  context: SignInContext,
  given: LoginRequest,
  peer: Client,
  deadline: Deadline = deadlineNow(context.databaseClock),
): Promise<CodeResponse> {
  assertLoginRequest(context, given);
  const { tenant, user } = await authenticateByPassword(context, given, peer, deadline);
  assertTenantEnabled(tenant);
  if (isUnverified(tenant, user)) throw fail('email_unverified');
  await assertMaySignIn(context, tenant, user);
  await assertAnyScopeAllowed(context, user, given.scope);
  return issueCode(context, { user, tenant }, given);
}

/** Users of hooks are verified, or not, by the system that has them. */
const isUnverified = ({ emailVerification }: Tenant, user: User) =>
  emailVerification === 'required' && user.emailVerifiedAt === null && !isManagedElsewhere(user);
