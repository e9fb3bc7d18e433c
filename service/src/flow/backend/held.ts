import { fail } from '@latchkey/contract';
import type { Backend } from '../../domain/backend/backend.ts';
import type { Presence } from '../../domain/presence/presence.ts';
import type { FlowNeeds } from '../needs.ts';

/** A server of a backend, as it is connected: the backend, and the sessions that this server holds. */
export interface BackendServer {
  readonly backend: Backend;
  readonly presence: Pick<Presence, 'relayed' | 'held' | 'replace' | 'set'>;
}

type Needs = Pick<FlowNeeds, 'sessions' | 'db'>;

/** Those of the sessions that belong to another tenant than the backend's. A session without a row belongs to none. */
export async function foreign(
  { sessions, db }: Needs,
  { tenantId }: Pick<Backend, 'tenantId'>,
  sids: readonly string[],
): Promise<ReadonlySet<string>> {
  if (tenantId === null || sids.length === 0) return new Set();
  const tenants = await sessions.tenantsOf(db, sids);
  return new Set([...tenants].filter(([, tenant]) => tenant !== tenantId).map(([sid]) => sid));
}

/** @throws forbidden the session belongs to another tenant than the backend's */
export async function assertNotForeign(needs: Needs, backend: Pick<Backend, 'tenantId'>, sid: string): Promise<void> {
  if ((await foreign(needs, backend, [sid])).has(sid))
    throw fail('forbidden', { message: 'This session belongs to another tenant than the backend.' });
}

/**
 * Checks that the server may act for the session. A session whose row was deleted passes: the caller then says what is
 * said of every ended session.
 *
 * @throws forbidden another tenant's session, or one that this server neither relayed nor has in presence
 */
export async function assertHeld(needs: Needs, { backend, presence }: BackendServer, sid: string): Promise<void> {
  await assertNotForeign(needs, backend, sid);
  if ((await presence.held([sid])).has(sid)) return;
  if ((await needs.sessions.tenantsOf(needs.db, [sid])).has(sid))
    throw fail('forbidden', { message: 'This server of the backend did not relay this session.' });
}
