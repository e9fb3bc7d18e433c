import { isDeepStrictEqual } from 'node:util';
import { backendPushes, type UserSessionChange, type UserSessionState } from '@latchkey/contract';
import { presenceChangesSchema } from '@latchkey/contract/schemas';
import { createListeners } from '@latchkey/core/internal';
import type { ServiceConnection } from './connection.ts';

type PresenceViewListener = (change: UserSessionChange, session: UserSessionState) => void;

/** Presence on all servers, as last received from the service. */
export interface PresenceView {
  /** All entries. Empty before the first subscription. */
  all(): readonly UserSessionState[];
  /** Calls `listener` with each change, once. Returns the function that removes it. */
  onChange(listener: PresenceViewListener): () => void;
}

/** The user sessions of all servers, as the service reports them, and their changes. */
export interface PresenceCache extends PresenceView {
  /** Begins a list of all sessions that comes in pages. */
  begin(): void;
  /** A page of that list: what differs from what was known is a change. */
  add(page: readonly UserSessionState[]): void;
  /** The list is complete: what neither it nor an event since its beginning has named is removed. */
  end(): void;
  /** The whole list at once. */
  replace(sessions: readonly UserSessionState[]): void;
}

type View = Map<string, UserSessionState>;

const keyOf = ({ id, server_id }: UserSessionState) => `${id} ${server_id}`;

/**
 * Keeps a copy of the service's presence. Every difference of the copy is a change, so that each change is emitted
 * once, for repeated updates and across lost connections.
 */
export function createPresenceCache({ connection }: { connection: Pick<ServiceConnection, 'on'> }): PresenceCache {
  const view: View = new Map();
  const listeners = createListeners<Parameters<PresenceViewListener>>();
  /** Keys that the list has named so far; `undefined`: no list is on its way. */
  let listed: Set<string> | undefined;

  function set(session: UserSessionState): void {
    listed?.add(keyOf(session));
    const known = view.get(keyOf(session));
    if (isDeepStrictEqual(known, session)) return;
    view.set(keyOf(session), session);
    listeners.emit(known === undefined ? 'creation' : 'update', session);
  }

  function remove(session: UserSessionState): void {
    listed?.delete(keyOf(session));
    if (view.delete(keyOf(session))) listeners.emit('deletion', { ...session, connections: 0 });
  }

  const begin = () => {
    listed = new Set();
  };

  const add = (page: readonly UserSessionState[]) => {
    for (const session of page) set(session);
  };

  function end(): void {
    for (const [key, session] of [...view]) if (listed?.has(key) === false) remove(session);
    listed = undefined;
  }

  connection.on(backendPushes.userSession, (payload) => {
    const news = presenceChangesSchema.safeParse(payload);
    if (!news.success) return;
    for (const { change, session } of news.data) {
      if (change === 'deletion') remove(session);
      else set(session);
    }
  });

  return Object.freeze<PresenceCache>({
    all: () => [...view.values()],
    onChange: listeners.add,
    begin,
    add,
    end,
    replace(sessions) {
      begin();
      add(sessions);
      end();
    },
  });
}
