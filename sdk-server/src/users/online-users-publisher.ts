import { isDeepStrictEqual } from 'node:util';
import {
  fail,
  type OnlineUser,
  type UserSessionState,
  type UsersChanged,
  type UsersSubscribed,
} from '@latchkey/contract';
import { type Clock, createTimer, inChunks } from '@latchkey/core/internal';
import { toUserSession } from '../session/user-session.ts';
import type { UsersPolicy } from './options.ts';
import type { UserIndex } from './user-index.ts';

interface OnlineUsersPublisherDeps {
  readonly index: Pick<UserIndex, 'usersOf' | 'sessionsOf'>;
  readonly show: UsersPolicy['show'];
  readonly clock: Pick<Clock, 'after'>;
  readonly hasSubscribers: (tenantId: string) => boolean;
  readonly publish: (tenantId: string, changes: UsersChanged) => void;
}

/** What is published of a user. `at` grows with each user who comes online, so that pages have an order. */
interface Published {
  readonly position: number;
  readonly user: OnlineUser;
}

interface TenantFeed {
  readonly published: Map<string, Published>;
  readonly touched: Set<string>;
}

/** Changes of this time are one message. */
const batchMs = 250;
/** Users in one page and in one message. */
const maxUsers = 500;

/** The users who are online in the tenants with subscribers, as these subscribers know them. */
export function createOnlineUsersPublisher(deps: OnlineUsersPublisherDeps) {
  const { index, show, clock, hasSubscribers, publish } = deps;
  const feeds = new Map<string, TenantFeed>();
  let last = 0;
  const timer = createTimer(clock, flush);

  function readUser(tenantId: string, userId: string): OnlineUser | undefined {
    const session = newestOf(index.sessionsOf(tenantId, userId));
    return session && show(toUserSession(session));
  }

  function open(tenantId: string): TenantFeed {
    const feed: TenantFeed = { published: new Map(), touched: new Set() };
    for (const userId of index.usersOf(tenantId)) update(feed, tenantId, userId);
    feeds.set(tenantId, feed);
    return feed;
  }

  /** Returns the user if it has come online or is shown differently, its id if it is offline. */
  function update({ published }: TenantFeed, tenantId: string, userId: string): OnlineUser | string | undefined {
    const before = published.get(userId);
    const user = readUser(tenantId, userId);
    if (user === undefined) return published.delete(userId) ? userId : undefined;
    if (isDeepStrictEqual(user, before?.user)) return undefined;
    last += 1;
    published.set(userId, { position: before?.position ?? last, user });
    return user;
  }

  function flush(): void {
    for (const [tenantId, feed] of [...feeds]) {
      if (!hasSubscribers(tenantId)) feeds.delete(tenantId);
      else publishTouched(tenantId, feed);
    }
  }

  function publishTouched(tenantId: string, feed: TenantFeed): void {
    const changes = Array.from(feed.touched, (userId) => update(feed, tenantId, userId)).filter(isChange);
    feed.touched.clear();
    for (const batch of inChunks(changes, maxUsers)) {
      publish(tenantId, {
        online: batch.filter((change) => typeof change !== 'string'),
        offline: batch.filter((change) => typeof change === 'string'),
      });
    }
  }

  return Object.freeze({
    /** A page of the tenant's users. Later changes are published until the tenant has no subscribers. @throws invalid_request */
    page(tenantId: string, cursor: string | undefined): UsersSubscribed {
      const after = parseCursor(cursor);
      const { published } = feeds.get(tenantId) ?? open(tenantId);
      const users: OnlineUser[] = [];
      let next: number | undefined;
      // A user who comes online is the last of the map, so `at` grows along it.
      for (const { position, user } of published.values()) {
        if (position <= after) continue;
        if (users.length === maxUsers) return { users, next_cursor: String(next) };
        users.push(user);
        next = position;
      }
      return { users, next_cursor: null };
    },
    /** Something about the user may be different. */
    markChanged(tenantId: string, userId: string) {
      const feed = feeds.get(tenantId);
      if (feed === undefined) return;
      feed.touched.add(userId);
      timer.set(batchMs);
    },
    close() {
      timer.cancel();
      feeds.clear();
    },
  });
}

function isChange(change: OnlineUser | string | undefined): change is OnlineUser | string {
  return change !== undefined;
}

/** The newest, so that all servers show the same. */
function newestOf(sessions: readonly UserSessionState[]): UserSessionState | undefined {
  const rank = ({ created_at, id, server_id }: UserSessionState) => [created_at, id, server_id] as const;
  return sessions.reduce<UserSessionState | undefined>(
    (newest, session) => (newest === undefined || isAfter(rank(session), rank(newest)) ? session : newest),
    undefined,
  );
}

function isAfter(one: readonly (string | number)[], other: readonly (string | number)[]): boolean {
  const at = one.findIndex((part, index) => part !== other[index]);
  return at >= 0 && one[at]! > other[at]!;
}

function parseCursor(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  if (!/^\d{1,15}$/.test(cursor)) throw fail('invalid_request');
  return Number(cursor);
}
