import { fail } from '@latchkey/contract';
import type { Tenant } from '../domain/tenant/tenant.ts';
import { isManagedElsewhere, type User } from '../domain/user/user.ts';
import type { FlowContext } from './context.ts';

/** @throws tenant_disabled */
export function assertTenantEnabled({ disabledAt }: Pick<Tenant, 'disabledAt'>): void {
  if (disabledAt !== null) throw fail('tenant_disabled');
}

/**
 * Refuses a sign-in of a user who has just proved the password or the address.
 *
 * @throws tenant_disabled · password_change_required · session_limit_reached the tenant refuses one session too many
 */
export async function assertMaySignIn(
  { db, sessions }: Pick<FlowContext, 'db' | 'sessions'>,
  tenant: Tenant,
  user: User,
): Promise<void> {
  assertTenantEnabled(tenant);
  if (user.passwordChangeRequired && !isManagedElsewhere(user)) throw fail('password_change_required');
  await sessions.assertWithinLimit(db, user.id, tenant);
}
