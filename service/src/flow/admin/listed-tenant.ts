import type { FlowContext } from '../context.ts';
import { type Actor, scopeToTenant } from './actor.ts';

/**
 * The tenant whose rows a list shows; `undefined`: all tenants. A misspelled one is refused, because an empty list would
 * say that it has no rows.
 *
 * @throws tenant_unknown there is none, or it is not the actor's
 */
export async function listedTenant(
  { tenants, db }: Pick<FlowContext, 'db' | 'tenants'>,
  actor: Actor,
  tenantId: string | undefined,
): Promise<string | undefined> {
  if (tenantId !== undefined) await tenants.find(db, tenantId);
  return scopeToTenant(actor, tenantId);
}
