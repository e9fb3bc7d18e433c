import { isDeepStrictEqual } from 'node:util';
import type { PresenceChange } from '@latchkey/contract';
import { type Clock, createListeners, createPoller, singleFlight, withTimeout } from '@latchkey/core/internal';
import type { PresenceEntry } from '../domain/presence/presence-entry.ts';
import { toUserSessionState } from './backend/mappers.ts';

type PresenceListener = (changes: readonly PresenceChange[]) => void;

const periodMs = 500;
/** A large table is read less often: at most this part of the time. */
const pauseFactor = 10;
/** A read that takes longer is not repeated for each caller who wants a recent view. */
const costlyMs = 100;
const readyTimeoutMs = 1_000;

interface SeenEntry {
  readonly entry: PresenceEntry;
  /** Number of the read that saw it last. */
  read: number;
}

export type PresenceFeed = ReturnType<typeof createPresenceFeed>;

/**
 * Presence of the whole cluster: this node reads the table on its own, page by page, and emits what changed.
 *
 * Nothing is read or kept without followers.
 */
export function createPresenceFeed(deps: {
  listPresence: () => AsyncIterable<readonly PresenceEntry[]>;
  clock: Clock;
  onError: (error: unknown) => void;
}) {
  const { listPresence, clock, onError } = deps;
  const listeners = createListeners<Parameters<PresenceListener>>();
  const poller = createPoller({ poll, periodMs: () => Math.max(periodMs, tookMs * pauseFactor), clock, onError });
  const view = new Map<string, SeenEntry>();
  let reads = 0;
  let tookMs = 0;
  let isWhole = false;
  let isRunning = false;
  let isReading = false;
  let isClosed = false;

  const read = singleFlight(async () => {
    isReading = true;
    try {
      await readAll();
    } finally {
      isReading = false;
    }
  });

  async function readAll(): Promise<void> {
    const began = clock.monotonic();
    reads += 1;
    for await (const page of listPresence()) {
      if (isClosed) return;
      emit(page.flatMap(updateEntry));
    }
    emit(dropUnseen());
    isWhole = true;
    tookMs = clock.monotonic() - began;
  }

  function updateEntry(entry: PresenceEntry): PresenceChange[] {
    const key = `${entry.sid} ${entry.serverId}`;
    const known = view.get(key);
    if (known !== undefined) known.read = reads;
    if (known !== undefined && !hasChanged(known.entry, entry)) return [];
    view.set(key, { entry, read: reads });
    return [toPresenceChange(known === undefined ? 'creation' : 'update', entry)];
  }

  function dropUnseen(): PresenceChange[] {
    const changes: PresenceChange[] = [];
    for (const [key, seen] of view) {
      if (seen.read === reads) continue;
      view.delete(key);
      changes.push(toPresenceChange('deletion', { ...seen.entry, sockets: 0 }));
    }
    return changes;
  }

  function emit(changes: readonly PresenceChange[]): void {
    if (isWhole && changes.length > 0) listeners.emit(changes);
  }

  async function ready(): Promise<boolean> {
    const isRecent = isRunning && isWhole && tookMs > costlyMs;
    resume();
    if (isRecent) return true;
    await withTimeout(clock, readyTimeoutMs, read(), () => {});
    return isWhole;
  }

  function poll(): Promise<void> | undefined {
    if (listeners.size > 0 || isReading) return read();
    pause();
    return undefined;
  }

  function resume(): void {
    if (isRunning) return;
    isRunning = true;
    if (!isClosed) poller.start();
  }

  function pause(): void {
    void poller.stop();
    isRunning = false;
    isWhole = false;
    view.clear();
  }

  return Object.freeze({
    /**
     * Resolves when the view is known to be recent, and after one second at the latest.
     *
     * @returns false: the first read has not reached its end yet, so the view is a part
     * @throws what the database throws
     */
    ready,
    /** Resolves after a read that has reached its end; one that runs is shared. */
    read: async () => read(),
    /** The view, as it is while it is iterated. */
    *entries() {
      for (const { entry } of view.values()) yield entry;
    },
    /** Calls `listener` with each change of a view that is whole. Returns the function that ends it. */
    subscribe(listener: PresenceListener) {
      resume();
      return listeners.add(listener);
    },
    close() {
      isClosed = true;
      listeners.clear();
      pause();
    },
  });
}

function toPresenceChange(change: PresenceChange['change'], there: PresenceEntry): PresenceChange {
  return { change, session: toUserSessionState(there), server_id: there.serverId };
}

function hasChanged(old: PresenceEntry, there: PresenceEntry): boolean {
  return (
    old.sockets !== there.sockets ||
    old.updatedAtMs !== there.updatedAtMs ||
    !isDeepStrictEqual(old.claims, there.claims)
  );
}
