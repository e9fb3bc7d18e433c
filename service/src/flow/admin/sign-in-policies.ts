import { fail } from '@latchkey/contract';
import type { TenantUpdate } from '../../domain/tenant/tenant.ts';
import type { FlowContext } from '../context.ts';
import type { Actor } from './actor.ts';

/** What decides whether, by which proof and for how long a user gets a session. */
const signInPolicies = [
  'emailVerification',
  'emailSignIn',
  'maxSessions',
  'sessionLimit',
  'maxActiveMinutes',
  'maxIdleMinutes',
] as const;

/**
 * Operators reach all tenants, so that a backend of one tenant neither opens another way into their accounts nor keeps
 * them out.
 *
 * @throws forbidden
 */
export async function assertMayChangeSignIn(
  { operators, db }: Pick<FlowContext, 'db' | 'operators'>,
  actor: Actor,
  tenantId: string,
  change: TenantUpdate,
): Promise<void> {
  if (actor.tenantId === null || signInPolicies.every((policy) => change[policy] === undefined)) return;
  if (await operators.hasOperatorIn(db, tenantId))
    throw fail('forbidden', { message: 'This tenant has operators: one of them has to change how users sign in.' });
}
