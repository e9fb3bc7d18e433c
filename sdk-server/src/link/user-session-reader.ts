import { isDeepStrictEqual } from 'node:util';
import type { UserSessionChange, UserSessionState } from '@latchkey/contract';
import { userSessionNews } from './answers.ts';
import type { ServiceConnection } from './connection.ts';

export type UserSessionListener = (change: UserSessionChange, session: UserSessionState) => void;

/** Who is where in the whole cluster, as the service told last. */
export interface UserSessions {
  /** Everybody; empty before the first subscription. */
  all(): readonly UserSessionState[];
  /** Calls `listener` with each change, once. Returns the function that removes it. */
  onChange(listener: UserSessionListener): () => void;
}

/** A change as the service tells it. */
export interface ToldChange {
  readonly change: UserSessionChange;
  readonly session: UserSessionState;
}

export interface UserSessionReader extends UserSessions {
  /** Everything that stands now, `since` included: what differs from what was known is a change. */
  replace(sessions: readonly UserSessionState[], since?: readonly ToldChange[]): void;
}

type View = Map<string, UserSessionState>;

const keyOf = ({ id, server_id }: UserSessionState) => `${id} ${server_id}`;

/**
 * Keeps a view equal to the service's. A change is whatever makes the view another one, so nothing is told twice and
 * nothing is missed, however often the same news comes, and across a time without a connection.
 */
export function createUserSessionReader({
  connection,
}: {
  connection: Pick<ServiceConnection, 'on'>;
}): UserSessionReader {
  const view: View = new Map();
  const listeners = new Set<UserSessionListener>();

  function tell(change: UserSessionChange, session: UserSessionState): void {
    for (const listener of [...listeners]) listener(change, session);
  }

  function put(session: UserSessionState): void {
    const known = view.get(keyOf(session));
    if (isDeepStrictEqual(known, session)) return;
    view.set(keyOf(session), session);
    tell(known === undefined ? 'creation' : 'update', session);
  }

  function remove(session: UserSessionState): void {
    if (view.delete(keyOf(session))) tell('deletion', { ...session, connections: 0 });
  }

  connection.on('user_session', (payload) => {
    const news = userSessionNews.safeParse(payload);
    if (!news.success) return;
    for (const { change, session } of news.data) {
      if (change === 'deletion') remove(session);
      else put(session);
    }
  });

  return Object.freeze<UserSessionReader>({
    all: () => [...view.values()],
    onChange(listener) {
      const entry: UserSessionListener = (...news) => listener(...news);
      listeners.add(entry);
      return () => void listeners.delete(entry);
    },
    replace(sessions, since = []) {
      const standing = new Map(sessions.map((session) => [keyOf(session), session]));
      for (const { change, session } of since) {
        if (change === 'deletion') standing.delete(keyOf(session));
        else standing.set(keyOf(session), session);
      }
      for (const [key, session] of [...view]) if (!standing.has(key)) remove(session);
      for (const session of standing.values()) put(session);
    },
  });
}
