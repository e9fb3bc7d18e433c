import { backendPushes, type PresencePage, type UserSessionNews } from '@latchkey/contract';
import { waitingBytes } from '@latchkey/sdk-server';
import type { Whereabouts } from '../../domain/presence/presence-entry.ts';
import type { LinkSocket } from './link.ts';
import type { News } from './news.ts';
import { toUserSession } from './wire.ts';

/** Presence for backends: a list in pages that they ask for one by one, and the changes from the first page on. */
export interface PresenceLists {
  /**
   * The next page of this backend's list; `first` begins it anew. The result is called when the answer is sent, so
   * that no change is emitted between reading the page and sending it.
   *
   * @throws what the database throws
   */
  page(socket: LinkSocket, options: { readonly first: boolean }): Promise<() => PresencePage>;
  close(): void;
}

/** Sessions in one message: some 100 KB. */
const pageLength = 250;
/** Entries that one page examines at most: a backend of a small tenant sees few of them. */
const examined = 10_000;
/** A backend with more waiting to be read gets no changes, but has to ask for the list again. */
const waitingLimit = 524_288;

export function createPresenceLists({ news }: { news: Pick<News, 'ready' | 'view' | 'follow'> }): PresenceLists {
  const subscribers = new Set<LinkSocket>();
  const begun = new WeakMap<LinkSocket, Iterator<Whereabouts>>();
  const known = new WeakSet<LinkSocket>();
  let leave: (() => void) | undefined;

  function push(changes: readonly UserSessionNews[]): void {
    for (const socket of subscribers) {
      const own = changes.filter(({ session }) => sees(socket, session.tenant_id));
      for (let at = 0; at < own.length && subscribers.has(socket); at += pageLength)
        pushTo(socket, own.slice(at, at + pageLength));
    }
  }

  function pushTo(socket: LinkSocket, changes: UserSessionNews[]): void {
    if (waitingBytes(socket.conn) <= waitingLimit) socket.emit(backendPushes.userSession, changes);
    else {
      unsubscribe(socket);
      socket.emit(backendPushes.presenceGap);
    }
  }

  function subscribe(socket: LinkSocket): void {
    if (!known.has(socket)) socket.once('disconnect', () => unsubscribe(socket));
    known.add(socket);
    subscribers.add(socket);
    leave ??= news.follow(push);
  }

  function unsubscribe(socket: LinkSocket): void {
    begun.delete(socket);
    subscribers.delete(socket);
    if (subscribers.size > 0) return;
    leave?.();
    leave = undefined;
  }

  function begin(socket: LinkSocket): Iterator<Whereabouts> {
    const list = news.view();
    begun.set(socket, list);
    subscribe(socket);
    return list;
  }

  function next(socket: LinkSocket, list: Iterator<Whereabouts>): PresencePage {
    const page: Whereabouts[] = [];
    for (let count = 0; count < examined && page.length < pageLength; count += 1) {
      const { value, done } = list.next();
      if (done) {
        begun.delete(socket);
        return { user_sessions: page.map(toUserSession), more: false };
      }
      if (sees(socket, value.tenantId)) page.push(value);
    }
    return { user_sessions: page.map(toUserSession), more: true };
  }

  return Object.freeze<PresenceLists>({
    async page(socket, { first }) {
      if (first) begun.delete(socket);
      const isWhole = begun.has(socket) || (await news.ready());
      return () => {
        if (!isWhole || !socket.connected) return { user_sessions: [], more: true };
        return next(socket, begun.get(socket) ?? begin(socket));
      };
    },
    close() {
      leave?.();
      subscribers.clear();
    },
  });
}

function sees({ data }: LinkSocket, tenantId: string): boolean {
  return data.backend.tenantId === null || data.backend.tenantId === tenantId;
}
