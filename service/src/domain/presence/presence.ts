import { randomUUID } from 'node:crypto';
import { fail } from '@latchkey/contract';
import { type Clock, inChunks } from '@latchkey/core/internal';
import { LRUCache } from 'lru-cache';
import pLimit from 'p-limit';
import { createWriteBuffer } from '../../base/write-buffer.ts';
import { pagesAfter } from '../../db/keyset.ts';
import type { Db } from '../../db/schema.ts';
import { withRetry } from '../../db/transaction.ts';
import type { PresenceEntry } from './presence-entry.ts';
import * as store from './presence-store.ts';

/** How long a lease lasts. */
export const leaseSeconds = 30;
const batchMs = 250;
/** Time for a backend to report the sockets of a session that it relayed, or to report it again. */
const relayedMs = 60_000;
/** More than a server of a backend has sockets. */
const maxRelayed = 1_000_000;
/** Sessions in one statement, also when all of a large server are written again. */
const maxRowsPerWrite = 5_000;

interface PresenceDeps {
  readonly db: Db;
  readonly clock: Clock;
  readonly onError: (error: unknown) => void;
}

export type Presence = ReturnType<typeof createPresence>;

/**
 * Which sessions hold sockets on this server, as the cluster sees it.
 *
 * @param server whose sockets they are; absent: this process's own
 */
export function createPresence(deps: PresenceDeps, server?: store.ServerIdentity) {
  const { db, clock, onError } = deps;
  const { serverId, backendId } = server ?? { serverId: randomUUID(), backendId: null };
  const localCounts = new Map<string, number>();
  // One at a time, each with the value of `here` at its turn, so that no older value overwrites a newer one.
  const runSerially = pLimit(1);
  const batches = createWriteBuffer<string, true>({
    clock,
    everyMs: batchMs,
    write: (batch) => runSerially(() => write([...batch.keys()])),
    onError,
  });

  const recent = new LRUCache<string, true>({
    maxSize: maxRelayed,
    sizeCalculation: () => 1,
    ttl: relayedMs,
    perf: { now: clock.monotonic },
  });
  const markRelayed = (sid: string) => void recent.set(sid, true);

  /** The recovery that the presence of this server was reported after; `undefined`: no lease yet. */
  let recovery: string | null | undefined;
  let isClosed = false;
  let isRemoved = false;

  async function write(sids: readonly string[]): Promise<void> {
    // A report of a socket at this time would renew the lease.
    if (isRemoved) return;
    try {
      await writeCounts(sids);
    } catch (error) {
      // 23503: another node disposed of this server while it was paused.
      if ((error as { code?: unknown }).code !== '23503') throw error;
      await takeLease();
      await writeCounts([...localCounts.keys()]);
    }
  }

  async function writeCounts(sids: readonly string[]): Promise<void> {
    for (const some of inChunks(sids, maxRowsPerWrite)) {
      const counts = () => new Map(some.map((sid) => [sid, localCounts.get(sid) ?? 0]));
      await withRetry(() => store.writePresence(db, serverId, counts()));
    }
  }

  async function takeLease(): Promise<store.Lease> {
    const lease = await store.renewLease(db, { serverId, backendId }, leaseSeconds);
    if (lease === undefined) throw fail('forbidden', { message: 'This server_id belongs to another backend.' });
    return lease;
  }

  const renew = () =>
    runSerially(async () => {
      if (isRemoved) return;
      const lease = await takeLease();
      const isRecovered = recovery !== undefined && recovery !== lease.recovery;
      // Rows of sockets that have closed since came back with the older commits.
      if (isRecovered) await store.deletePresenceExcept(db, serverId, [...localCounts.keys()]);
      if (isRecovered || lease.isNew) await writeCounts([...localCounts.keys()]);
      recovery = lease.recovery;
    });

  async function* listAll(): AsyncGenerator<readonly PresenceEntry[], void> {
    for await (const { rows } of pagesAfter(store.presenceStart, (after) => store.readPresencePage(db, after)))
      if (rows.length > 0) yield rows;
  }

  return Object.freeze({
    /** Random for each start of the process. */
    serverId,
    /** Takes the lease. @throws forbidden the id belongs to another backend */
    start: renew,
    /** Removes this server and its presence. */
    async stop() {
      isClosed = true;
      isRemoved = true;
      await runSerially(() => store.removeServer(db, serverId));
    },
    /** Writes what is batched, and stops reporting. The lease expires by itself, unless another node renews it. */
    async stopReporting() {
      isClosed = true;
      await batches.flush();
    },
    /** Replaces the presence of this server: `counts` has all its sockets. */
    async replace(counts: ReadonlyMap<string, number>) {
      if (isClosed) return;
      for (const sid of localCounts.keys()) markRelayed(sid);
      localCounts.clear();
      for (const [sid, sockets] of counts) if (sockets > 0) localCounts.set(sid, sockets);
      await runSerially(async () => {
        for (const sid of await store.deletePresenceExcept(db, serverId, [...localCounts.keys()])) markRelayed(sid);
        await write([...localCounts.keys()]);
      });
    },
    /** How many sockets of the session are here now. Written in batches, at most four a second. */
    set(sid: string, sockets: number) {
      if (isClosed) return;
      if (sockets > 0) localCounts.set(sid, sockets);
      else if (localCounts.delete(sid)) markRelayed(sid);
      batches.put(sid, true);
    },
    /** How many sessions have sockets here. */
    localCount: () => localCounts.size,
    /** This server has just relayed a sign-in or a rotation of the session. */
    markRelayed,
    /**
     * Those of the sessions that this server holds: it has or had sockets of them, or relayed them within the last minute.
     * The rows of its presence count as well, so that a backend that changes its node keeps its sessions.
     */
    async findHeld(sids: readonly string[]) {
      const known = new Set(sids.filter((sid) => localCounts.has(sid) || recent.has(sid)));
      const rest = sids.filter((sid) => !known.has(sid));
      for (const sid of rest.length === 0 ? [] : await store.readPresent(db, serverId, rest)) known.add(sid);
      return known;
    },
    /** All live sessions with sockets in the whole cluster, page by page; each page is read when it is asked for. */
    listAll,
    /** Renews the lease. A server that had lost it, or whose database was recovered since, reports all its presence again. */
    renew,
    deleteExpiredServers: () => store.deleteExpiredServers(db),
  });
}
