import type { AdminBackend, AdminBackendSecret, Page } from '@latchkey/contract';
import type { PageAsked } from '../../db/page.ts';
import { type Transaction, transact } from '../../db/transaction.ts';
import type { Backend, NewBackend } from '../../domain/backend/backend.ts';
import type { FlowNeeds } from '../needs.ts';
import { type Actor, assertGives, assertWhole, doneBy, narrowed } from './actor.ts';

export async function listBackends(
  { backends, db }: FlowNeeds,
  actor: Actor,
  asked: PageAsked,
): Promise<Page<'backends', AdminBackend>> {
  const { rows, next } = await backends.page(db, { ...asked, tenantId: narrowed(actor, undefined) });
  return { backends: rows.map(toView), next_cursor: next };
}

/** Its secret is told this once. @throws invalid_request · identifier_taken · tenant_unknown · forbidden */
export async function createBackend(needs: FlowNeeds, actor: Actor, wanted: NewBackend): Promise<AdminBackendSecret> {
  if (wanted.tenantId == null) assertWhole(actor);
  else narrowed(actor, wanted.tenantId);
  const create = async ({ tx }: Transaction) => {
    const made = await needs.backends.create(tx, wanted);
    const { id, tenantId, scopes } = made.backend;
    assertGives(actor, scopes);
    const by = doneBy(actor, { made: id, scopes: scopes.join(' ') });
    await needs.audit.record(tx, { ...by, action: 'backend_created', tenantId });
    return made;
  };
  const { backend, secret } = await transact(needs.db, create, actor.deadline);
  return { backend: toView(backend), secret };
}

/** A new secret; the one that stood opens until the next rotation. @throws not_found · forbidden it holds more than the actor */
export async function rotateBackend(needs: FlowNeeds, actor: Actor, id: string): Promise<AdminBackendSecret> {
  const rotate = async ({ tx }: Transaction) => {
    const made = await needs.backends.rotate(tx, id, actor.tenantId);
    assertGives(actor, made.backend.scopes);
    const by = doneBy(actor, { changed: id, change: 'rotated' });
    await needs.audit.record(tx, { ...by, action: 'backend_changed', tenantId: made.backend.tenantId });
    return made;
  };
  const { backend, secret } = await transact(needs.db, rotate, { ...actor.deadline, lock: ['backends', id] });
  return { backend: toView(backend), secret };
}

/** It is put out within 5 s, and its presence goes with it. @throws not_found */
export async function removeBackend(needs: FlowNeeds, actor: Actor, id: string): Promise<{ removed: string }> {
  const remove = async ({ tx }: Transaction) => {
    const { tenantId } = await needs.backends.remove(tx, id, actor.tenantId);
    const by = doneBy(actor, { changed: id, change: 'removed' });
    await needs.audit.record(tx, { ...by, action: 'backend_changed', tenantId });
  };
  await transact(needs.db, remove, { ...actor.deadline, lock: ['backends', id] });
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
