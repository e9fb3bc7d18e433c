import type { Clock } from '@latchkey/core/internal';
import { cachedByCost } from '../../base/cached-by-cost.ts';
import { createWriteBuffer } from '../../base/write-buffer.ts';
import type { Db } from '../../db/schema.ts';
import { withRetry } from '../../db/transaction.ts';
import { countLiveSessions, readLiveTotals } from './totals-store.ts';
import * as store from './traffic-store.ts';

const batchMs = 2_000;
/** Numbers are counted for at most this part of the time, however many operators look. */
const totalsCostFactor = 20;

export type Traffic = ReturnType<typeof createTraffic>;

/**
 * Traffic, counted here and added up in the database. Counts may be lost on a crash.
 *
 * @example
 * const traffic = createTraffic({ db, clock, onError });
 * traffic.count('logins');
 */
export function createTraffic(deps: { db: Db; clock: Clock; onError: (error: unknown) => void }) {
  const { db, clock, onError } = deps;
  let rotations = 0;
  let logins = 0;
  let opened = 0;
  const batches = createWriteBuffer<'tally', true>({ clock, everyMs: batchMs, write, onError });

  async function write(): Promise<void> {
    const tally = { rotations, logins };
    rotations = 0;
    logins = 0;
    await withRetry(() => store.addCounts(db, tally));
  }

  return Object.freeze({
    /** One more. Late and batched. */
    count(what: keyof store.TrafficCounts) {
      if (what === 'rotations') rotations += 1;
      else {
        logins += 1;
        opened += 1;
      }
      batches.put('tally', true);
    },
    /** Sessions that this process has opened. */
    openedCount: () => opened,
    /** The last hour, oldest first, the running minute last. */
    lastHour: (handle: Db) => store.readMinutes(handle, 60),
    /** How many sessions, sockets and so on there are now; where counting takes long, a while ago. */
    totals: cachedByCost(clock, totalsCostFactor, () => readLiveTotals(db)),
    /** Counts the live sessions into the running minute, unless a node has done so. */
    async sample() {
      if (!(await store.isSampled(db))) await store.writeSample(db, await countLiveSessions(db));
    },
    /** Removes what is a day old. */
    deleteOld: () => store.deleteOldMinutes(db),
    flush: batches.flush,
  });
}
