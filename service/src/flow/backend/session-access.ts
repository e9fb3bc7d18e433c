import { fail } from '@latchkey/contract';
import type { Backend } from '../../domain/backend/backend.ts';
import type { Presence } from '../../domain/presence/presence.ts';
import type { FlowContext } from '../context.ts';

/** A server of a backend, as it is connected: the backend, and the sessions that this server holds. */
export interface BackendServer {
  readonly backend: Backend;
  readonly presence: Pick<Presence, 'markRelayed' | 'findHeld' | 'replace' | 'set'>;
}

type SessionAccessContext = Pick<FlowContext, 'sessions' | 'db'>;

/** Those of the sessions that belong to another tenant than the backend's. A session without a row belongs to none. */
export async function findForeignSessions(
  { sessions, db }: SessionAccessContext,
  { tenantId }: Pick<Backend, 'tenantId'>,
  sids: readonly string[],
): Promise<ReadonlySet<string>> {
  if (tenantId === null || sids.length === 0) return new Set();
  const tenants = await sessions.tenantsOf(db, sids);
  return new Set([...tenants].filter(([, tenant]) => tenant !== tenantId).map(([sid]) => sid));
}

/** @throws forbidden the session belongs to another tenant than the backend's */
export async function assertSameTenant(
  context: SessionAccessContext,
  backend: Pick<Backend, 'tenantId'>,
  sid: string,
): Promise<void> {
  if ((await findForeignSessions(context, backend, [sid])).has(sid))
    throw fail('forbidden', { message: 'This session belongs to another tenant than the backend.' });
}

/**
 * Checks that the server may act for the session. A session whose row was deleted passes: the caller then says what is
 * said of every ended session.
 *
 * @throws forbidden another tenant's session, or one that this server neither relayed nor has in presence
 */
export async function assertHoldsSession(
  context: SessionAccessContext,
  { backend, presence }: BackendServer,
  sid: string,
): Promise<void> {
  await assertSameTenant(context, backend, sid);
  if ((await presence.findHeld([sid])).has(sid)) return;
  if ((await context.sessions.tenantsOf(context.db, [sid])).has(sid))
    throw fail('forbidden', { message: 'This server of the backend did not relay this session.' });
}
