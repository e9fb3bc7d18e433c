import { randomUUID } from 'node:crypto';
import { fail } from '@latchkey/contract';
import type { Clock } from '../../base/clock.ts';
import { createCoalescer } from '../../base/coalesce.ts';
import type { Db } from '../../db/schema.ts';
import { retrying } from '../../db/transaction.ts';
import * as store from './presence-store.ts';

/** Which sessions hold sockets on this server, as the cluster sees it. */
export interface Presence {
  /** Random for each start of the process. */
  readonly serverId: string;
  /** Takes the lease. @throws forbidden the id belongs to somebody else */
  start(): Promise<void>;
  /** Writes what waits, and takes this server off the table. */
  stop(): Promise<void>;
  /** Writes what waits and says no more; the lease runs out by itself, unless another node renews it. */
  leave(): Promise<void>;
  /** These are all sockets there are. */
  replace(counts: ReadonlyMap<string, number>): Promise<void>;
  /** How many sockets of the session are here now. Written in batches, at most four a second. */
  set(sid: string, sockets: number): void;
  /** Who is where in the whole cluster. */
  everywhere(): Promise<Whereabouts[]>;
  /** Renews the lease; a server that was taken for dead tells everything again. */
  renew(): Promise<void>;
  dispose(): Promise<number>;
}

/** A live session with sockets on one server. Times in epoch milliseconds. */
export interface Whereabouts {
  readonly sid: string;
  readonly userId: string;
  readonly tenantId: string;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly serverId: string;
  readonly sockets: number;
  readonly createdAtMs: number;
  /** Last activity of the person. */
  readonly updatedAtMs: number;
}

const leaseSeconds = 30;
const batchMs = 250;

export interface PresenceDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
}

/** @param server whose sockets they are; absent: this process's own */
export function createPresence(deps: PresenceDeps, server?: store.Server): Presence {
  const { db, clock, onError } = deps;
  const { serverId, backendId } = server ?? { serverId: randomUUID(), backendId: null };
  const here = new Map<string, number>();
  const batches = createCoalescer<string, number>({ clock, everyMs: batchMs, write, onError });

  let stopped = false;

  async function write(batch: ReadonlyMap<string, number>): Promise<void> {
    try {
      await tell(batch);
    } catch (error) {
      // 23503: another node disposed of this server while it was paused.
      if ((error as { code?: unknown }).code !== '23503') throw error;
      await renew();
    }
  }

  /** Two at once, a batch and the whole, may meet in another order of rows. */
  function tell(counts: ReadonlyMap<string, number>): Promise<void> {
    return retrying(() => store.writePresence(db, serverId, counts));
  }

  async function renew(): Promise<void> {
    const lease = await store.renewLease(db, { serverId, backendId }, leaseSeconds);
    if (lease === undefined) throw fail('forbidden', { message: 'This server_id belongs to another backend.' });
    if (lease === 'taken' && here.size > 0) await tell(here);
  }

  return Object.freeze({
    serverId,
    start: renew,
    async stop() {
      await batches.flush();
      // Whoever tells of a socket from here on would bring the lease back to life.
      stopped = true;
      await store.removeServer(db, serverId);
    },
    async leave() {
      stopped = true;
      await batches.flush();
    },
    async replace(counts: ReadonlyMap<string, number>) {
      await batches.flush();
      here.clear();
      for (const [sid, sockets] of counts) if (sockets > 0) here.set(sid, sockets);
      await store.keepOnly(db, serverId, [...here.keys()]);
      if (here.size > 0) await tell(here);
    },
    set(sid: string, sockets: number) {
      if (stopped) return;
      if (sockets === 0) here.delete(sid);
      else here.set(sid, sockets);
      batches.put(sid, sockets);
    },
    everywhere: () => store.readWhereabouts(db),
    renew,
    dispose: () => store.disposeServers(db),
  });
}
