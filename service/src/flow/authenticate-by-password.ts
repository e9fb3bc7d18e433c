import { fail } from '@latchkey/contract';
import type { Deadline } from '../db/deadline.ts';
import { withTransaction } from '../db/transaction.ts';
import type { Tenant } from '../domain/tenant/tenant.ts';
import { canonicalizeEmail } from '../domain/user/canonical-email.ts';
import { identifierKey } from '../domain/user/identifier.ts';
import type { User } from '../domain/user/user.ts';
import type { FlowContext, SignInContext } from './context.ts';
import { explainFailures } from './explain-failures.ts';
import { unknownTenantCauses } from './issue-code.ts';
import { recordRefusedLogin } from './refused-login.ts';
import { takeOverUser } from './take-over-user.ts';
import type { Client, LoginRequest } from './types.ts';

/**
 * Returns the tenant and the user of an address and a password, within the limits of failed sign-ins. A refusal gets a row
 * of the audit.
 *
 * @throws invalid_credentials · user_disabled · tenant_unknown · rate_limited · overloaded · unavailable
 */
export async function authenticateByPassword(
  context: Omit<SignInContext, 'sessions'>,
  given: Pick<LoginRequest, 'email' | 'password' | 'tenant' | 'fields'>,
  peer: Client,
  deadline: Deadline,
): Promise<{ readonly tenant: Tenant; readonly user: User }> {
  const input = { ...given, email: canonicalizeEmail(given.email) };
  const tenantId = await context.hooks.getTenantId({ tenant: input.tenant, email: input.email, address: peer.address });
  const tenant = await explainFailures(context, unknownTenantCauses, () => context.tenants.find(context.db, tenantId));
  const attempt = { tenantId, emailKey: identifierKey(input.email), address: peer.address };
  const typed = given.email;
  const user = await explainFailures(
    context,
    { rate_limited: 'logins_limited', overloaded: 'passwords_overloaded' },
    () =>
      context.limits.failedLogins.guard(attempt, () =>
        verifyCredentials(context, tenantId, { ...input, typed }, deadline),
      ),
  ).catch(async (error: unknown) => {
    await recordRefusedLogin(context, { ...attempt, typed, addressPrefix: peer.addressPrefix }, error);
    throw error;
  });
  return { tenant, user };
}

async function verifyCredentials(
  context: Pick<FlowContext, 'audit' | 'db' | 'hooks' | 'tenants' | 'users'>,
  tenantId: string,
  { email, typed, password, fields }: Pick<LoginRequest, 'email' | 'password' | 'fields'> & { readonly typed: string },
  deadline: Deadline,
): Promise<User> {
  const { hooks, users, db } = context;
  if (hooks.findUserByCredentials === undefined || (await users.isTakenOver(db, tenantId, typed)))
    // `typed`, because older accounts have the address in the spelling of their registration.
    return assertTenantOnFailure(context, tenantId, users.authenticate(db, { tenantId, email: typed, password }));
  await context.tenants.find(db, tenantId);
  const found = await hooks.findUserByCredentials({ ...fields, tenantId, email, password });
  if (found === null) throw fail('invalid_credentials');
  const stored = withTransaction(db, ({ tx }) => users.upsertExternal(tx, { ...found, tenantId }), deadline);
  const user = await stored.catch(async (error: unknown) => {
    // Another sign-in at the same time may have taken the user over.
    if (await users.isTakenOver(db, tenantId, typed))
      return users.authenticate(db, { tenantId, email: typed, password });
    throw error;
  });
  return found.keep ? takeOverUser(context, user, { found, email, password }, deadline) : user;
}

/** In an unknown tenant no user is found, so only a failure has to check the tenant. */
function assertTenantOnFailure(
  context: Pick<FlowContext, 'db' | 'tenants'>,
  tenantId: string,
  found: Promise<User>,
): Promise<User> {
  return found.catch(async (error: unknown) => {
    await context.tenants.find(context.db, tenantId);
    throw error;
  });
}
