import { backendPushes, type PresenceChange, type PresencePage } from '@latchkey/contract';
import { bufferedBytes } from '@latchkey/core';
import { inChunks } from '@latchkey/core/internal';
import type { PresenceEntry } from '../../domain/presence/presence-entry.ts';
import type { PresenceFeed } from '../presence-feed.ts';
import type { BackendSocket } from './backend-socket.ts';
import { toUserSessionState } from './mappers.ts';

/** Sessions in one message: some 100 KB. */
const pageLength = 250;
/** Entries that one page examines at most: a backend of a small tenant sees few of them. */
const maxExamined = 10_000;
/** A backend with more waiting to be read gets no changes, but has to ask for the list again. */
const maxPendingBytes = 524_288;

export type PresenceLists = ReturnType<typeof createPresenceLists>;

/** Presence for backends: a list in pages that they ask for one by one, and the changes from the first page on. */
export function createPresenceLists({
  presenceFeed,
}: {
  presenceFeed: Pick<PresenceFeed, 'ready' | 'entries' | 'subscribe'>;
}) {
  const subscribers = new Set<BackendSocket>();
  const openLists = new WeakMap<BackendSocket, Iterator<PresenceEntry>>();
  const known = new WeakSet<BackendSocket>();
  let unsubscribeFeed: (() => void) | undefined;

  function push(changes: readonly PresenceChange[]): void {
    for (const socket of subscribers) {
      const own = changes.filter(({ session }) => canSee(socket, session.tenant_id));
      for (const page of inChunks(own, pageLength)) if (subscribers.has(socket)) pushTo(socket, page);
    }
  }

  function pushTo(socket: BackendSocket, changes: PresenceChange[]): void {
    if (bufferedBytes(socket.conn) <= maxPendingBytes) socket.emit(backendPushes.userSession, changes);
    else {
      unsubscribe(socket);
      socket.emit(backendPushes.presenceGap);
    }
  }

  function subscribe(socket: BackendSocket): void {
    if (!known.has(socket)) socket.once('disconnect', () => unsubscribe(socket));
    known.add(socket);
    subscribers.add(socket);
    unsubscribeFeed ??= presenceFeed.subscribe(push);
  }

  function unsubscribe(socket: BackendSocket): void {
    openLists.delete(socket);
    subscribers.delete(socket);
    if (subscribers.size > 0) return;
    unsubscribeFeed?.();
    unsubscribeFeed = undefined;
  }

  function begin(socket: BackendSocket): Iterator<PresenceEntry> {
    const list = presenceFeed.entries();
    openLists.set(socket, list);
    subscribe(socket);
    return list;
  }

  function next(socket: BackendSocket, list: Iterator<PresenceEntry>): PresencePage {
    const page: PresenceEntry[] = [];
    for (let count = 0; count < maxExamined && page.length < pageLength; count += 1) {
      const { value, done } = list.next();
      if (done) {
        openLists.delete(socket);
        return { user_sessions: page.map(toUserSessionState), more: false };
      }
      if (canSee(socket, value.tenantId)) page.push(value);
    }
    return { user_sessions: page.map(toUserSessionState), more: true };
  }

  return Object.freeze({
    /**
     * The next page of this backend's list; `first` begins it anew. The result is called when the answer is sent, so
     * that no change is emitted between reading the page and sending it.
     *
     * @throws what the database throws
     */
    async page(socket: BackendSocket, { first }: { readonly first: boolean }) {
      if (first) openLists.delete(socket);
      const isWhole = openLists.has(socket) || (await presenceFeed.ready());
      return () => {
        if (!isWhole || !socket.connected) return { user_sessions: [], more: true };
        return next(socket, openLists.get(socket) ?? begin(socket));
      };
    },
    close() {
      unsubscribeFeed?.();
      subscribers.clear();
    },
  });
}

function canSee({ data }: BackendSocket, tenantId: string): boolean {
  return data.backend.tenantId === null || data.backend.tenantId === tenantId;
}
