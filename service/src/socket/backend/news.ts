import { isDeepStrictEqual } from 'node:util';
import type { UserSessionNews } from '@latchkey/contract';
import type { Clock } from '../../base/clock.ts';
import { singleFlight } from '../../base/single-flight.ts';
import type { Whereabouts } from '../../domain/presence/presence.ts';
import type { LinkSocket } from './link.ts';
import { toUserSession } from './wire.ts';

/** Who is where, as backends follow it: this node reads the table by itself and tells what changed. */
export interface News {
  /** Reads now, so that what {@link News.subscribe} answers is not old. */
  read(): Promise<void>;
  /** Everything that the backend may see, as it was read last. */
  there(socket: LinkSocket): View;
  /** From here on the backend is told each change. */
  subscribe(socket: LinkSocket): void;
  /** Tells every change from here on, of all tenants. Returns the function that ends it. */
  follow(tell: (news: readonly UserSessionNews[]) => void): () => void;
  close(): void;
}

const periodMs = 500;
/** A large table is read less often: at most this part of the time. */
const share = 10;

/** Who is where, by session and server. */
export type View = ReadonlyMap<string, Whereabouts>;

/** Nothing is read while nobody follows. */
export function createNews(deps: {
  everywhere: () => Promise<readonly Whereabouts[]>;
  clock: Clock;
  onError: (error: unknown) => void;
}): News {
  const { everywhere, clock, onError } = deps;
  const subscribers = new Set<LinkSocket>();
  const followers = new Set<(news: readonly UserSessionNews[]) => void>();
  let view: View = new Map();
  let tookMs = 0;
  let isGoing = false;
  let cancel = () => {};

  const read = singleFlight(async () => {
    const began = clock.monotonic();
    const rows = await everywhere();
    tookMs = clock.monotonic() - began;
    const next = new Map(rows.map((row) => [`${row.sid} ${row.serverId}`, row]));
    const news = changes(view, next);
    view = next;
    if (news.length === 0) return;
    for (const socket of subscribers) tell(socket, news);
    for (const follower of followers) follower(news);
  });

  function tell(socket: LinkSocket, news: readonly UserSessionNews[]): void {
    const own = news.filter(({ session }) => sees(socket, session.tenant_id));
    if (own.length > 0) socket.emit('user_session', own);
  }

  function wait(): void {
    if (isGoing) cancel = clock.after(Math.max(periodMs, tookMs * share), look);
  }

  function look(): void {
    isGoing = subscribers.size > 0 || followers.size > 0;
    if (isGoing) read().catch(onError).finally(wait);
  }

  function begin(): void {
    if (isGoing) return;
    isGoing = true;
    wait();
  }

  return Object.freeze({
    read,
    subscribe(socket: LinkSocket) {
      // Gone while its answer was made: nothing would ever take it off the list.
      if (!socket.connected) return;
      if (!subscribers.has(socket)) socket.once('disconnect', () => subscribers.delete(socket));
      subscribers.add(socket);
      begin();
    },
    there: (socket: LinkSocket) => new Map([...view].filter(([, { tenantId }]) => sees(socket, tenantId))),
    follow(tellAll: (news: readonly UserSessionNews[]) => void) {
      followers.add(tellAll);
      begin();
      return () => void followers.delete(tellAll);
    },
    close() {
      subscribers.clear();
      followers.clear();
      isGoing = false;
      cancel();
    },
  });
}

function sees({ data }: LinkSocket, tenantId: string): boolean {
  return data.backend.tenantId === null || data.backend.tenantId === tenantId;
}

function isOther(old: Whereabouts, there: Whereabouts): boolean {
  return (
    old.sockets !== there.sockets ||
    old.updatedAtMs !== there.updatedAtMs ||
    !isDeepStrictEqual(old.claims, there.claims)
  );
}

/** What is different in `next`: who came, whose sockets, activity or claims changed, who went. */
export function changes(before: View, next: View): UserSessionNews[] {
  const news: UserSessionNews[] = [];
  const add = (change: UserSessionNews['change'], there: Whereabouts) => {
    news.push({ change, session: toUserSession(there), server_id: there.serverId });
  };
  for (const [id, there] of before) if (!next.has(id)) add('deletion', { ...there, sockets: 0 });
  for (const [id, there] of next) {
    const old = before.get(id);
    if (old === undefined) add('creation', there);
    else if (isOther(old, there)) add('update', there);
  }
  return news;
}
