import { type AdminTenant, type CursorPage, type EndedSessions, fail } from '@latchkey/contract';
import { forCreatedBefore } from '../../db/deadline.ts';
import { type TimedTransaction, type Transaction, withTransaction } from '../../db/transaction.ts';
import type { PageRequest } from '../../domain/pagination.ts';
import type { NewTenant, TenantUpdate } from '../../domain/tenant/tenant.ts';
import { toBrandedTenant } from '../brand-view.ts';
import {
  changeTenant,
  endSessionsOfTenant,
  type TenantChangeContext,
  type TenantWithLimits,
  withEffectiveLimits,
} from '../change-tenant.ts';
import type { FlowContext } from '../context.ts';
import { type Actor, assertAllTenants, auditFields, scopeToTenant } from './actor.ts';
import { assertMayChangeSignIn } from './sign-in-policies.ts';

export async function listTenants(
  context: Pick<FlowContext, 'config' | 'db' | 'tenants'>,
  actor: Actor,
  page: PageRequest,
): Promise<CursorPage<'tenants', AdminTenant>> {
  const { rows, next } = await context.tenants.list(context.db, { ...page, id: scopeToTenant(actor, undefined) });
  return { tenants: rows.map((tenant) => toView(withEffectiveLimits(context, tenant))), next_cursor: next };
}

/** @throws tenant_unknown */
export async function findTenant(
  context: Pick<FlowContext, 'config' | 'db' | 'tenants'>,
  actor: Actor,
  id: string,
): Promise<AdminTenant> {
  scopeToTenant(actor, id);
  return toView(withEffectiveLimits(context, await context.tenants.find(context.db, id)));
}

/** @throws forbidden · invalid_request · identifier_taken · mail_unavailable */
export async function createTenant(
  context: Pick<FlowContext, 'audit' | 'causes' | 'config' | 'db' | 'hooks' | 'mail' | 'tenants'>,
  actor: Actor,
  input: NewTenant,
): Promise<AdminTenant> {
  assertAllTenants(actor);
  assertPossible(context, input);
  const create = async ({ tx }: Transaction) => {
    const created = await context.tenants.create(tx, input);
    await context.audit.record(tx, { ...auditFields(actor), action: 'tenant_created', tenantId: created.id });
    return created;
  };
  const tenant = await withTransaction(context.db, create, actor.deadline);
  return toView(withEffectiveLimits(context, tenant));
}

/**
 * Name, registration, policies, limits; shorter limits hold for live sessions, too. Disabling ends all sessions of the
 * tenant (`tenant_disabled`) and invalidates its codes.
 *
 * @throws tenant_unknown · invalid_request · mail_unavailable · forbidden to disable the operator's own tenant, or that of
 * the last operator. For a backend of one tenant also to disable it, or to change how the operators of the tenant sign in
 */
export async function updateTenant(
  context: TenantChangeContext & Pick<FlowContext, 'causes' | 'hooks' | 'mail' | 'users'>,
  actor: Actor,
  id: string,
  change: TenantUpdate,
): Promise<AdminTenant> {
  scopeToTenant(actor, id);
  await context.tenants.find(context.db, id);
  await assertMayChangeSignIn(context, actor, id, change);
  if (change.disabled !== undefined) await assertMayDisable(context, actor, id);
  assertPossible(context, change);
  return toView(await changeTenant(context, id, change, auditFields(actor), actor.deadline));
}

async function assertMayDisable(
  { db, users }: Pick<FlowContext, 'db' | 'users'>,
  actor: Actor,
  id: string,
): Promise<void> {
  assertAllTenants(actor);
  const operator = actor.userId === null ? undefined : await users.find(db, actor.userId);
  if (operator?.tenantId === id)
    throw fail('forbidden', { message: 'An operator of another tenant has to change this for you.' });
}

/**
 * Refuses policies that need mail while none can be sent: they would lock out every user, operators too. Refuses to require
 * verified addresses where hooks have the users, because another system verified them, or not.
 *
 * @throws mail_unavailable · invalid_request
 */
function assertPossible(
  { causes, hooks, mail }: Pick<FlowContext, 'causes' | 'hooks' | 'mail'>,
  { emailVerification, emailSignIn }: Pick<TenantUpdate, 'emailVerification' | 'emailSignIn'>,
): void {
  if (emailVerification === 'required' && hooks.managesUsers)
    throw causes.failure('verification_beside_hooks', 'invalid_request', { details: [besideHooks] });
  if (emailVerification === 'required') mail.assertAvailable('verify_email');
  if (emailSignIn) mail.assertAvailable('sign_in');
}

const besideHooks = {
  path: 'email_verification',
  message: 'cannot be required beside the hooks register and findUserByCredentials',
};

/**
 * Ends all sessions of the tenant and invalidates its codes. A backend of one tenant ends those of operators not.
 *
 * @throws tenant_unknown
 */
export async function endTenantSessions(
  context: Pick<FlowContext, 'audit' | 'clock' | 'db' | 'feed' | 'sessions' | 'tenants'>,
  actor: Actor,
  id: string,
): Promise<EndedSessions> {
  scopeToTenant(actor, id);
  await context.tenants.find(context.db, id);
  // First: ends of a large tenant come in pieces, and what was begun is to be known.
  const begin = async ({ tx, lockedAtMs }: TimedTransaction) => {
    await context.tenants.invalidateCodes(tx, id);
    await context.audit.record(tx, { ...auditFields(actor, { of: 'tenant' }), action: 'sessions_ended', tenantId: id });
    return lockedAtMs;
  };
  const at = await withTransaction(context.db, begin, { ...actor.deadline, lock: ['tenants', id] });
  const before = forCreatedBefore(actor.deadline, at);
  const which = { tenantId: id, keepOperators: actor.tenantId !== null };
  return { ended: await endSessionsOfTenant(context, which, 'ended_by_operator', before) };
}

/**
 * Deletes a disabled tenant that has no users and no backends. Its codes and links in mails go with it, its rows in the
 * audit stay.
 *
 * @throws tenant_unknown · forbidden
 */
export async function deleteTenant(
  context: Pick<FlowContext, 'audit' | 'db' | 'operators' | 'tenants'>,
  actor: Actor,
  id: string,
): Promise<{ removed: string }> {
  assertAllTenants(actor);
  const remove = async ({ tx }: Transaction) => {
    await context.operators.assertOperatorElsewhere(tx, id);
    await context.tenants.remove(tx, id);
    await context.audit.record(tx, { ...auditFields(actor), action: 'tenant_deleted', tenantId: id });
  };
  await withTransaction(context.db, remove, { ...actor.deadline, lock: ['tenants', id] });
  return { removed: id };
}

function toView(tenant: TenantWithLimits): AdminTenant {
  return {
    id: tenant.id,
    name: tenant.name,
    registration_open: tenant.registrationOpen,
    max_active_minutes: tenant.maxActiveMinutes,
    max_idle_minutes: tenant.maxIdleMinutes,
    active_minutes: tenant.activeMinutes,
    idle_minutes: tenant.idleMinutes,
    email_verification: tenant.emailVerification,
    email_sign_in: tenant.emailSignIn,
    password_min_length: tenant.passwordMinLength,
    allowed_domains: [...tenant.allowedDomains],
    max_sessions: tenant.maxSessions,
    session_limit: tenant.sessionLimit,
    locale: tenant.locale,
    created_at: tenant.createdAt.toISOString(),
    disabled_at: tenant.disabledAt?.toISOString() ?? null,
    brand: toBrandedTenant(tenant).brand,
  };
}
