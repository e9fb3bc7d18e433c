import type { Db } from '../../db/schema.ts';
import type { AuditEntry } from '../../domain/audit/audit.ts';
import type { User } from '../../domain/user/user.ts';
import type { FlowContext } from '../context.ts';

/**
 * The first proof of an address by its owner: another user may have signed up with the address, and signed in. The browsers of
 * before are forgotten, and the activity of the account begins with the row that is written here.
 *
 * @param auditFields of the request that proved the address
 */
export async function forgetPriorUser(
  { audit, notices }: Pick<FlowContext, 'audit' | 'notices'>,
  tx: Db,
  { id: userId, tenantId }: Pick<User, 'id' | 'tenantId'>,
  auditFields: Pick<AuditEntry, 'addressPrefix'>,
): Promise<void> {
  await notices.forget(tx, userId);
  await audit.record(tx, { ...auditFields, action: 'possession_taken', tenantId, userId });
}
