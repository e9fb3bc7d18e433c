import type { EndReason } from '@latchkey/contract';
import type { Clock } from '../../base/clock.ts';
import type { Database } from '../../db/database.ts';
import { type BlacklistEntry, blacklistChannel } from './blacklist.ts';
import { readFeed } from './blacklist-store.ts';

export type EndedListener = (sid: string, reason: EndReason) => void;

/** This node's own reading of the blacklist, from its own cursor: what ended, wherever it ended. */
export interface BlacklistFeed {
  /** Loads what stands, then follows. Fails when the database cannot be read. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Reads now; resolves after a read that began after this call. Never rejects. */
  catchUp(): Promise<void>;
  /** Why the session ended, as long as one of its access tokens could still be accepted. */
  reason(sid: string): EndReason | undefined;
  /** Calls `listener` once for each session that ended after the start. Returns the function that removes it. */
  onEnded(listener: EndedListener): () => void;
  /** Milliseconds since the table was last read to its head. */
  ageMs(): number;
  readonly size: number;
}

const pollMs = 500;

/**
 * @example
 * const feed = createBlacklistFeed({ database, clock, onError });
 * await feed.start();
 * feed.onEnded((sid, reason) => …);
 */
export function createBlacklistFeed(deps: {
  database: Pick<Database, 'db' | 'listen'>;
  clock: Clock;
  onError: (error: unknown) => void;
}): BlacklistFeed {
  const { database, clock, onError } = deps;
  const mirror = new Map<string, { reason: EndReason; until: number }>();
  const listeners = new Set<EndedListener>();
  let epoch: string | undefined;
  let cursor = 0;
  let readAt = Number.NEGATIVE_INFINITY;
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  let cancelPoll = () => {};
  let unlisten = async () => {};
  let stopped = false;

  async function read(): Promise<void> {
    for (let more = true; more; ) {
      const began = clock.monotonic();
      const page = await readFeed(database.db, cursor);
      if (epoch !== undefined && (page.epoch !== epoch || page.head < cursor)) cursor = 0;
      else {
        for (const entry of page.entries) take(entry);
        // A page without rows has none up to the head: they were disposed of.
        cursor = Math.max(cursor, page.entries.at(-1)?.seq ?? page.head);
      }
      epoch = page.epoch;
      more = cursor < page.head;
      if (!more) readAt = began;
    }
    forget();
  }

  function take({ sid, reason, keepSeconds }: BlacklistEntry): void {
    const isNew = !mirror.has(sid);
    mirror.set(sid, { reason, until: clock.monotonic() + keepSeconds * 1_000 });
    if (isNew) for (const listener of listeners) tell(listener, sid, reason);
  }

  function tell(listener: EndedListener, sid: string, reason: EndReason): void {
    try {
      listener(sid, reason);
    } catch (error) {
      onError(error);
    }
  }

  /** Entries end about in the order they came in, so looking at the front is enough. */
  function forget(): void {
    const now = clock.monotonic();
    for (const [sid, { until }] of mirror) {
      if (until > now) return;
      mirror.delete(sid);
    }
  }

  function begin(): Promise<void> {
    next = undefined;
    if (stopped) return Promise.resolve();
    running = read().finally(() => {
      running = undefined;
    });
    return running;
  }

  /** One read at a time; whoever asks meanwhile shares the one that follows. */
  function catchUp(): Promise<void> {
    if (stopped) return Promise.resolve();
    if (running === undefined) return begin().catch(onError);
    next ??= running.then(begin, begin).catch(onError);
    return next;
  }

  function poll(): void {
    cancelPoll = clock.after(pollMs, () => void catchUp().finally(() => stopped || poll()));
  }

  return Object.freeze({
    async start() {
      await begin();
      // Listening starts before the second read: the other order would lose what happens in between.
      unlisten = await database.listen(blacklistChannel, () => void catchUp());
      poll();
    },
    async stop() {
      stopped = true;
      cancelPoll();
      await unlisten();
      await Promise.allSettled([running, next]);
    },
    catchUp,
    reason: (sid: string) => mirror.get(sid)?.reason,
    onEnded(listener: EndedListener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    ageMs: () => clock.monotonic() - readAt,
    get size() {
      return mirror.size;
    },
  });
}
