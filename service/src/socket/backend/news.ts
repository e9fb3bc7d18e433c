import { isDeepStrictEqual } from 'node:util';
import type { UserSessionNews } from '@latchkey/contract';
import type { Clock } from '../../base/clock.ts';
import { singleFlight } from '../../base/single-flight.ts';
import type { Whereabouts } from '../../domain/presence/presence-entry.ts';
import { toUserSession } from './wire.ts';

type NewsListener = (news: readonly UserSessionNews[]) => void;

/** Presence of the whole cluster: this node reads the table on its own, page by page, and emits what changed. */
export interface News {
  /**
   * Resolves when the view is known to be recent, and after one second at the latest.
   *
   * @returns false: the first read has not reached its end yet, so the view is a part
   * @throws what the database throws
   */
  ready(): Promise<boolean>;
  /** Resolves after a read that has reached its end; one that runs is shared. */
  read(): Promise<void>;
  /** The view, as it is while it is iterated. */
  view(): Iterator<Whereabouts>;
  /** Calls `listener` with each change of a view that is whole. Returns the function that ends it. */
  follow(listener: NewsListener): () => void;
  close(): void;
}

const periodMs = 500;
/** A large table is read less often: at most this part of the time. */
const share = 10;
/** A read that takes longer is not repeated for each caller who wants a recent view. */
const costlyMs = 100;
const readyMs = 1_000;

interface Seen {
  readonly there: Whereabouts;
  /** Number of the read that saw it last. */
  read: number;
}

/** Nothing is read or kept without followers. */
export function createNews(deps: {
  everywhere: () => AsyncIterable<readonly Whereabouts[]>;
  clock: Clock;
  onError: (error: unknown) => void;
}): News {
  const { everywhere, clock, onError } = deps;
  const listeners = new Set<NewsListener>();
  const view = new Map<string, Seen>();
  let reads = 0;
  let tookMs = 0;
  let isWhole = false;
  let isGoing = false;
  let isReading = false;
  let isClosed = false;
  let cancel = () => {};

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
    for await (const page of everywhere()) {
      if (isClosed) return;
      emit(page.flatMap(take));
    }
    emit(dropUnseen());
    isWhole = true;
    tookMs = clock.monotonic() - began;
  }

  function take(there: Whereabouts): UserSessionNews[] {
    const key = `${there.sid} ${there.serverId}`;
    const known = view.get(key);
    if (known !== undefined) known.read = reads;
    if (known !== undefined && !isOther(known.there, there)) return [];
    view.set(key, { there, read: reads });
    return [newsOf(known === undefined ? 'creation' : 'update', there)];
  }

  function dropUnseen(): UserSessionNews[] {
    const news: UserSessionNews[] = [];
    for (const [key, seen] of view) {
      if (seen.read === reads) continue;
      view.delete(key);
      news.push(newsOf('deletion', { ...seen.there, sockets: 0 }));
    }
    return news;
  }

  function emit(news: readonly UserSessionNews[]): void {
    if (isWhole && news.length > 0) for (const listener of listeners) listener(news);
  }

  async function ready(): Promise<boolean> {
    const isRecent = isGoing && isWhole && tookMs > costlyMs;
    begin();
    if (isRecent) return true;
    let stopWaiting = () => {};
    const late = new Promise<void>((resolve) => {
      stopWaiting = clock.after(readyMs, resolve);
    });
    await Promise.race([read(), late]).finally(stopWaiting);
    return isWhole;
  }

  function wait(): void {
    if (isGoing && !isClosed) cancel = clock.after(Math.max(periodMs, tookMs * share), look);
  }

  function look(): void {
    if (listeners.size > 0 || isReading) read().catch(onError).finally(wait);
    else rest();
  }

  function begin(): void {
    if (isGoing) return;
    isGoing = true;
    wait();
  }

  function rest(): void {
    isGoing = false;
    isWhole = false;
    view.clear();
  }

  return Object.freeze<News>({
    ready,
    read,
    *view() {
      for (const { there } of view.values()) yield there;
    },
    follow(listener) {
      const entry: NewsListener = (news) => listener(news);
      listeners.add(entry);
      begin();
      return () => void listeners.delete(entry);
    },
    close() {
      isClosed = true;
      listeners.clear();
      cancel();
      rest();
    },
  });
}

function newsOf(change: UserSessionNews['change'], there: Whereabouts): UserSessionNews {
  return { change, session: toUserSession(there), server_id: there.serverId };
}

function isOther(old: Whereabouts, there: Whereabouts): boolean {
  return (
    old.sockets !== there.sockets ||
    old.updatedAtMs !== there.updatedAtMs ||
    !isDeepStrictEqual(old.claims, there.claims)
  );
}
