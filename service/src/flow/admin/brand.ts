import { isDeepStrictEqual } from 'node:util';
import type { TenantBrand } from '@latchkey/contract';
import { type Transaction, withTransaction } from '../../db/transaction.ts';
import type { BrandUpdate, StoredBrand } from '../../domain/tenant/brand.ts';
import { toBrandView } from '../brand-view.ts';
import type { FlowContext } from '../context.ts';
import { type Actor, auditFields, scopeToTenant } from './actor.ts';

type Context = Pick<FlowContext, 'audit' | 'db' | 'tenants'>;

/** Sets name, colour and logo of the pages and mails of a tenant. @throws tenant_unknown · invalid_request */
export async function setBrand(context: Context, actor: Actor, id: string, brand: BrandUpdate): Promise<TenantBrand> {
  return toBrandView(await changeBrand(context, actor, id, (tx) => context.tenants.setBrand(tx, id, brand)));
}

/** The pages and mails of the tenant look as those of the service again. @throws tenant_unknown */
export async function removeBrand(context: Context, actor: Actor, id: string): Promise<{ removed: string }> {
  await changeBrand(context, actor, id, (tx) => context.tenants.removeBrand(tx, id));
  return { removed: id };
}

async function changeBrand<Result extends StoredBrand | null>(
  { audit, db, tenants }: Context,
  actor: Actor,
  id: string,
  change: (tx: Transaction['tx']) => Promise<Result>,
): Promise<Result> {
  scopeToTenant(actor, id);
  const write = async ({ tx }: Transaction): Promise<Result> => {
    const { brand } = await tenants.find(tx, id);
    const changed = await change(tx);
    const by = auditFields(actor, { of: 'brand' });
    if (!isDeepStrictEqual(brand, changed)) await audit.record(tx, { ...by, action: 'tenant_changed', tenantId: id });
    return changed;
  };
  return withTransaction(db, write, { ...actor.deadline, lock: ['tenants', id] });
}
