import type { AdminImportResult } from '@latchkey/contract';
import { countOutcomes, type ImportChunk, importUsers as storeUsers } from '../../domain/user/transfer/user-import.ts';
import type { FlowContext } from '../context.ts';
import { type Actor, auditFields, scopeToTenant } from './actor.ts';

/** Absent: the tenant of the actor, else `default`. */
type UsersImport = Omit<ImportChunk, 'tenantId'> & { readonly tenantId?: string | undefined };

/** Stores users of another system. A row that is invalid, or whose user exists, does not affect the others. @throws tenant_unknown */
export async function importUsers(
  context: Pick<FlowContext, 'audit' | 'db' | 'tenants'>,
  actor: Actor,
  input: UsersImport,
): Promise<AdminImportResult> {
  const tenantId = scopeToTenant(actor, input.tenantId) ?? 'default';
  await context.tenants.find(context.db, tenantId);
  const outcomes = await storeUsers(context, { ...input, tenantId }, auditFields(actor), actor.deadline);
  return {
    outcomes: outcomes.map((one) => (one.outcome === 'invalid' ? { ...one, details: [...one.details] } : one)),
    ...countOutcomes(outcomes),
  };
}
