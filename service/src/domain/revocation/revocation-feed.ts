import { type EndReason, fail } from '@latchkey/contract';
import { type Clock, createListeners, createPoller, singleFlight } from '@latchkey/core/internal';
import type { DatabaseClock } from '../../db/database-clock.ts';
import type { Database } from '../../db/types.ts';
import type { ClockGuard } from '../clock/clock-guard.ts';
import type { Failover } from '../failover/failovers.ts';
import { type Revocation, revocationChannel } from './revocation.ts';
import { createNodeRevocationCache } from './revocation-cache.ts';
import { type FeedPage, readFeedPage } from './revocation-store.ts';

type RevocationListener = (sid: string, reason: EndReason) => void;

/** A segment of the feed for subscribers. `snapshot`: the full list. `delta`: the entries that follow without a gap. */
export interface FeedSegment {
  readonly kind: 'delta' | 'snapshot';
  readonly epoch: string;
  readonly seq: number;
  readonly entries: readonly Revocation[];
}

export type FeedSegmentListener = (piece: FeedSegment) => void;

const pollMs = 500;
/** While lost ends are written back, no sign-in is possible. */
const recoveringPollMs = 200;

export type RevocationFeed = ReturnType<typeof createRevocationFeed>;

/**
 * This node's own reading of the blacklist, from its own cursor: what ended, wherever it ended.
 *
 * @example
 * const feed = createRevocationFeed({ database, databaseClock, now, clock, onError });
 * await feed.start();
 * feed.onEnded((sid, reason) => …);
 */
export function createRevocationFeed(deps: {
  database: Pick<Database, 'db' | 'listen'>;
  /** Each read of the table is a sample for it. */
  databaseClock: Pick<DatabaseClock, 'enterEpoch' | 'sample' | 'onJump'>;
  failover: Pick<Failover, 'follow' | 'compare' | 'checkConnections'>;
  /** By which access tokens are judged, in epoch ms of the database. */
  now: () => number;
  /** Sees each read before it is used. */
  clockGuard: Pick<ClockGuard, 'check'>;
  clock: Clock;
  onError: (error: unknown) => void;
}) {
  const { database, databaseClock, failover, now, clockGuard, clock, onError } = deps;
  const cache = createNodeRevocationCache({ now });
  const ended = createListeners<Parameters<RevocationListener>>(onError);
  const segments = createListeners<Parameters<FeedSegmentListener>>(onError);
  const poller = createPoller({
    poll: () => catchUp(),
    periodMs: () => (isSettled ? pollMs : recoveringPollMs),
    clock,
  });
  let epoch: string | undefined;
  let cursor = 0;
  /** False from the moment when numbers began again, and before the first read, until the head is reached. */
  let isComplete = false;
  let readAt = Number.NEGATIVE_INFINITY;
  let hintedAt = Number.NEGATIVE_INFINITY;
  let isSettled = false;
  let unlisten = async () => {};
  let uncheck = () => {};
  let stopped = false;

  // The monotonic clock stopped while this machine was suspended, so the list is older than `readAt`.
  const unlistenJump = databaseClock.onJump((aheadMs) => {
    readAt -= aheadMs;
  });

  async function read(): Promise<void> {
    for (let more = true; more; ) {
      const began = clock.monotonic();
      const page = await failover.compare(database.db, () => readFeedPage(database.db, cursor));
      databaseClock.enterEpoch(page.epoch);
      databaseClock.sample({ sentAt: began, answeredAt: clock.monotonic(), time: page.timeMs });
      await clockGuard.check({ timeMs: page.timeMs, highWaterMs: page.clockHighMs, resets: page.clockResets });
      const isAnew = epoch !== undefined && page.epoch !== epoch;
      if (isAnew) restart();
      else take(page);
      epoch = page.epoch;
      more = isAnew || cursor < page.head;
      if (!more) await settle(page, began);
    }
  }

  /** The list was read to its head. Nothing is forgotten while it may lack ends that this node knows. */
  async function settle({ server, served, timeMs }: FeedPage, began: number): Promise<void> {
    isSettled = await failover.follow({ epoch: server, served, timeMs }, cache.unwritten);
    if (isSettled) {
      atHead(began);
      cache.evictExpired();
    } else isComplete = false;
  }

  function restart(): void {
    cursor = 0;
    isComplete = false;
    cache.resetNumbers();
  }

  function take({ epoch: current, head, floor, entries }: FeedPage): void {
    const fresh = entries.filter((entry) => cache.put(entry));
    cache.raiseFloor(floor);
    // A page without rows has none up to the head: they were disposed of.
    cursor = Math.max(cursor, entries.at(-1)?.seq ?? head);
    for (const { sid, reason } of fresh) ended.emit(sid, reason);
    if (isComplete && entries.length > 0) segments.emit({ kind: 'delta', epoch: current, seq: cursor, entries });
  }

  function atHead(began: number): void {
    readAt = began;
    if (isComplete) return;
    isComplete = true;
    segments.emit(snapshot());
  }

  function snapshot(): FeedSegment {
    return { kind: 'snapshot', epoch: epoch!, seq: cursor, entries: cache.all() };
  }

  function since(from: string | undefined, seq: number | undefined): FeedSegment {
    if (!isComplete) throw fail('revocations_not_ready', { retryAfterMs: 500 });
    const entries = from === epoch && seq !== undefined && seq <= cursor ? cache.after(seq) : undefined;
    return entries === undefined ? snapshot() : { kind: 'delta', epoch: epoch!, seq: cursor, entries };
  }

  function onHint(): void {
    hintedAt = clock.monotonic();
    void catchUp();
  }

  const { fresh: catchUp } = singleFlight(async () => {
    if (!stopped) await read().catch(onError);
  });

  return Object.freeze({
    /** Loads the list, then follows it. Fails when the database cannot be read. */
    async start() {
      await read();
      uncheck = failover.checkConnections();
      // Listening starts before the second read: the other order would lose what happens in between.
      unlisten = await database.listen(revocationChannel, onHint);
      poller.start();
    },
    async stop() {
      stopped = true;
      void poller.stop();
      uncheck();
      unlistenJump();
      await unlisten();
      await catchUp();
    },
    /** Reads now; resolves after a read that began after this call. Never rejects. */
    catchUp,
    /** The session ended by a commit of this node: its access tokens are refused here from now on. */
    expect: cache.expect,
    /** Why the session ended, as long as one of its access tokens could still be accepted. */
    reason: cache.reason,
    /** Calls `listener` once for each session that ended after the start. Returns the function that removes it. */
    onEnded: ended.add,
    /**
     * The entries after `epoch` and `seq`. Later segments follow on them without a gap.
     *
     * @throws revocations_not_ready the list was not read completely yet, or lost revocations are not written back yet
     */
    since,
    /** Calls `listener` with each piece that this node reads: a delta, or a snapshot when numbers began again. */
    onSegment: segments.add,
    /** Milliseconds since the table was last read to its head. */
    ageMs: () => clock.monotonic() - readAt,
    /** Milliseconds since the database last notified this node, or since it began to listen. */
    hintAgeMs: () => clock.monotonic() - hintedAt,
    get size() {
      return cache.size;
    },
  });
}
