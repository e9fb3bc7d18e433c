import type { AdminTenant, Ended, Page } from '@latchkey/contract';
import { openedBy } from '../../db/deadline.ts';
import type { PageAsked } from '../../db/page.ts';
import { type BoundTransaction, type Transaction, transact } from '../../db/transaction.ts';
import type { NewTenant, TenantChange } from '../../domain/tenant/tenant.ts';
import { changeTenant, type LimitedTenant, limitedBy } from '../change-tenant.ts';
import { heardHere } from '../heard-here.ts';
import type { FlowNeeds } from '../needs.ts';
import { type Actor, assertWhole, doneBy, narrowed } from './actor.ts';

export async function listTenants(
  needs: FlowNeeds,
  actor: Actor,
  asked: PageAsked,
): Promise<Page<'tenants', AdminTenant>> {
  const { rows, next } = await needs.tenants.list(needs.db, { ...asked, id: narrowed(actor, undefined) });
  return { tenants: rows.map((tenant) => toView(limitedBy(needs, tenant))), next_cursor: next };
}

/** @throws tenant_unknown */
export async function findTenant(needs: FlowNeeds, actor: Actor, id: string): Promise<AdminTenant> {
  narrowed(actor, id);
  return toView(limitedBy(needs, await needs.tenants.find(needs.db, id)));
}

/** @throws forbidden · invalid_request · identifier_taken */
export async function createTenant(needs: FlowNeeds, actor: Actor, wanted: NewTenant): Promise<AdminTenant> {
  assertWhole(actor);
  const create = async ({ tx }: Transaction) => {
    const created = await needs.tenants.create(tx, wanted);
    await needs.audit.record(tx, { ...doneBy(actor), action: 'tenant_created', tenantId: created.id });
    return created;
  };
  const tenant = await transact(needs.db, create, actor.deadline);
  return toView(limitedBy(needs, tenant));
}

/** Name, registration, limits; shorter ones hold for live sessions, too. @throws tenant_unknown · invalid_request */
export async function changeTenantBy(
  needs: FlowNeeds,
  actor: Actor,
  id: string,
  change: TenantChange,
): Promise<AdminTenant> {
  narrowed(actor, id);
  await needs.tenants.find(needs.db, id);
  return toView(await changeTenant(needs, id, change, doneBy(actor), actor.deadline));
}

/** Signs everybody in the tenant out; codes that were made before open nothing any more. @throws tenant_unknown */
export async function endTenant(needs: FlowNeeds, actor: Actor, id: string): Promise<Ended> {
  narrowed(actor, id);
  await needs.tenants.find(needs.db, id);
  // First: ends of a large tenant come in pieces, and what was begun is to be known.
  const begin = async ({ tx, at }: BoundTransaction) => {
    await needs.tenants.outdateCodes(tx, id);
    await needs.audit.record(tx, { ...doneBy(actor, { of: 'tenant' }), action: 'sessions_ended', tenantId: id });
    return at;
  };
  const at = await transact(needs.db, begin, { ...actor.deadline, lock: ['tenants', id] });
  const by = openedBy(actor.deadline, at);
  const ended = await needs.sessions.endTenant(needs.db, id, 'ended_by_operator', by, needs.feed.expect);
  if (ended > 0) await heardHere(needs);
  return { ended };
}

function toView(tenant: LimitedTenant): AdminTenant {
  return {
    id: tenant.id,
    name: tenant.name,
    registration_open: tenant.registrationOpen,
    max_active_minutes: tenant.maxActiveMinutes,
    max_idle_minutes: tenant.maxIdleMinutes,
    active_minutes: tenant.activeMinutes,
    idle_minutes: tenant.idleMinutes,
    created_at: tenant.createdAt.toISOString(),
  };
}
