import { type Clock, createListeners, createPoller, singleFlight } from '@latchkey/core/internal';
import type { Db } from '../../db/schema.ts';
import type { Tenant } from './tenant.ts';
import { readLimitChanges } from './tenant-store.ts';

type TenantListener = (tenant: Tenant) => void;

const pollMs = 500;

export type TenantLimitsFeed = ReturnType<typeof createTenantLimitsFeed>;

/**
 * This node's own reading of tenants' limits: what changed, on whichever node.
 *
 * @example
 * const changes = createTenantLimitsFeed({ db, clock, onError });
 * await changes.start();
 * changes.onChange(({ id }) => …);
 */
export function createTenantLimitsFeed(deps: { db: Db; clock: Clock; onError: (error: unknown) => void }) {
  const { db, clock, onError } = deps;
  const listeners = createListeners<Parameters<TenantListener>>(onError);
  const poller = createPoller({ poll: () => catchUp(), periodMs: pollMs, clock });
  let cursor = 0;
  let isFailing = false;
  let stopped = false;

  const read = singleFlight(async () => {
    const { head, tenants } = await readLimitChanges(db, cursor);
    // Numbers began again, as after a restored backup: everything may have changed.
    const isRestored = head < cursor;
    cursor = isRestored ? 0 : head;
    isFailing = false;
    for (const tenant of tenants) listeners.emit(tenant);
    return isRestored;
  });

  async function catchUp(): Promise<void> {
    if (stopped) return;
    try {
      if (await read()) await read();
    } catch (error) {
      // Logged once for each outage, and not for each attempt.
      if (!isFailing) onError(error);
      isFailing = true;
    }
  }

  return Object.freeze({
    /** Changes count from here. Fails when the database cannot be read. */
    async start() {
      cursor = (await readLimitChanges(db, Number.MAX_SAFE_INTEGER)).head;
      poller.start();
    },
    async stop() {
      stopped = true;
      void poller.stop();
      await read().catch(() => undefined);
    },
    /** Reads now. Never rejects. */
    catchUp,
    /** Number of the last change that was sent. Another number means a change. */
    seq: () => cursor,
    /** Calls `listener` with the tenant after each change. Returns the function that removes it. */
    onChange: listeners.add,
  });
}
