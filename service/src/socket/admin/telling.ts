import { type AdminPresenceUpdate, adminEvents, type ErrorCode, type UserSessionNews } from '@latchkey/contract';
import type { SocketIdentity } from '@latchkey/sdk-server';
import type { Socket } from 'socket.io';
import type { AdminFlows } from '../../flow/admin/admin-flows.ts';

interface Telling {
  tell(news: readonly UserSessionNews[]): void;
  /** Says that something changed which no change tells. */
  tellMore(): void;
  /** Forgets what waits: nobody is left to hear it. */
  clear(): void;
}

/** Changes in one message at most: what is left out, the lists tell. */
const mostNews = 200;

/**
 * Tells operators what changed, once their rows have said that they are operators still. While they are asked, further
 * news wait, no more than fit into one message.
 */
export function createTelling(deps: {
  flows: Pick<AdminFlows, 'standings'>;
  sockets: () => readonly Socket[];
  drop: (socket: Socket, code: ErrorCode) => void;
  onError: (error: unknown) => void;
}): Telling {
  const { flows, sockets, drop, onError } = deps;
  let waiting: UserSessionNews[] = [];
  let refetch = false;
  let isTelling = false;

  async function tellAll(): Promise<void> {
    const followers = sockets();
    const standings = await flows.standings(followers.map(sidOf));
    const update: AdminPresenceUpdate = { changes: waiting, refetch };
    waiting = [];
    refetch = false;
    const left = new Set(sockets());
    for (const socket of followers.filter((follower) => left.has(follower))) {
      const standing = standings.get(sidOf(socket));
      if (standing === 'operator') socket.emit(adminEvents.update, update);
      else drop(socket, standing === 'no_operator' ? 'forbidden' : 'unauthenticated');
    }
  }

  async function work(): Promise<void> {
    isTelling = true;
    try {
      while ((waiting.length > 0 || refetch) && sockets().length > 0) await tellAll();
    } finally {
      isTelling = false;
    }
  }

  /** What cannot be told waits for the next change. */
  function begin(): void {
    if (!isTelling) work().catch(onError);
  }

  return Object.freeze<Telling>({
    clear() {
      waiting = [];
      refetch = false;
    },
    tell(news) {
      const room = mostNews - waiting.length;
      waiting.push(...news.slice(0, room));
      refetch ||= news.length > room;
      begin();
    },
    tellMore() {
      refetch = true;
      begin();
    },
  });
}

function sidOf({ data }: Socket): string {
  return (data as SocketIdentity).sid;
}
