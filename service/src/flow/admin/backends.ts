import type { AdminBackend, AdminBackendSecret, CursorPage } from '@latchkey/contract';
import { type Transaction, withTransaction } from '../../db/transaction.ts';
import type { Backend, NewBackend } from '../../domain/backend/backend.ts';
import type { PageRequest } from '../../domain/pagination.ts';
import type { FlowContext } from '../context.ts';
import { type Actor, assertAllTenants, assertCanGrant, auditFields, scopeToTenant } from './actor.ts';

export async function listBackends(
  { backends, db }: Pick<FlowContext, 'backends' | 'db'>,
  actor: Actor,
  page: PageRequest,
): Promise<CursorPage<'backends', AdminBackend>> {
  const { rows, next } = await backends.page(db, { ...page, tenantId: scopeToTenant(actor, undefined) });
  return { backends: rows.map(toView), next_cursor: next };
}

/**
 * Creates a backend and returns its secret, which cannot be read again. @throws invalid_request · identifier_taken ·
 * tenant_unknown · forbidden
 */
export async function createBackend(
  context: Pick<FlowContext, 'audit' | 'backends' | 'db'>,
  actor: Actor,
  input: NewBackend,
): Promise<AdminBackendSecret> {
  if (input.tenantId == null) assertAllTenants(actor);
  else scopeToTenant(actor, input.tenantId);
  const create = async ({ tx }: Transaction) => {
    const made = await context.backends.create(tx, input);
    const { id, tenantId, scopes } = made.backend;
    assertCanGrant(actor, scopes);
    const by = auditFields(actor, { made: id, scopes: scopes.join(' ') });
    await context.audit.record(tx, { ...by, action: 'backend_created', tenantId });
    return made;
  };
  const { backend, secret } = await withTransaction(context.db, create, actor.deadline);
  return { backend: toView(backend), secret };
}

/**
 * Makes a new secret. The current one is accepted until the next rotation. @throws not_found · forbidden it has more
 * permissions than the actor
 */
export async function rotateBackend(
  context: Pick<FlowContext, 'audit' | 'backends' | 'db'>,
  actor: Actor,
  id: string,
): Promise<AdminBackendSecret> {
  const rotate = async ({ tx }: Transaction) => {
    const made = await context.backends.rotate(tx, id, actor.tenantId);
    assertCanGrant(actor, made.backend.scopes);
    const by = auditFields(actor, { changed: id, change: 'rotated' });
    await context.audit.record(tx, { ...by, action: 'backend_changed', tenantId: made.backend.tenantId });
    return made;
  };
  const { backend, secret } = await withTransaction(context.db, rotate, { ...actor.deadline, lock: ['backends', id] });
  return { backend: toView(backend), secret };
}

/** Deletes a backend. Its sockets are closed within 5 s, and its presence is deleted. @throws not_found */
export async function removeBackend(
  context: Pick<FlowContext, 'audit' | 'backends' | 'db'>,
  actor: Actor,
  id: string,
): Promise<{ removed: string }> {
  const remove = async ({ tx }: Transaction) => {
    const { tenantId } = await context.backends.remove(tx, id, actor.tenantId);
    const by = auditFields(actor, { changed: id, change: 'removed' });
    await context.audit.record(tx, { ...by, action: 'backend_changed', tenantId });
  };
  await withTransaction(context.db, remove, { ...actor.deadline, lock: ['backends', id] });
  return { removed: id };
}

function toView(backend: Backend): AdminBackend {
  return {
    id: backend.id,
    name: backend.name,
    tenant_id: backend.tenantId,
    scopes: [...backend.scopes],
    origins: [...backend.origins],
    created_at: backend.createdAt.toISOString(),
    disabled_at: backend.disabledAt?.toISOString() ?? null,
  };
}
