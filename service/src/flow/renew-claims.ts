import type { AuditEntry } from '../domain/audit/audit.ts';
import type { User } from '../domain/user/user.ts';
import type { FlowContext } from './context.ts';
import { recomputeClaimsOfUser } from './recompute-claims-of-user.ts';

/** What new claims of live sessions need. */
export type RenewClaimsContext = Pick<
  FlowContext,
  'audit' | 'databaseClock' | 'db' | 'hooks' | 'onError' | 'sessions' | 'users'
>;

/**
 * Gives live sessions of a user the claims of a change that was just committed, with their next access token. Never rejects:
 * the change holds even where the hook `claim` fails, and the claims are then those of before.
 */
export async function renewClaims(
  context: RenewClaimsContext,
  user: User,
  auditFields: Pick<AuditEntry, 'addressPrefix' | 'detail'>,
): Promise<void> {
  await recomputeClaimsOfUser(context, user, { detail: { by: 'user' }, ...auditFields }).catch(context.onError);
}
