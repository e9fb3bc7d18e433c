import { isDeepStrictEqual } from 'node:util';
import { backendPushes, type UserSessionChange, type UserSessionState } from '@latchkey/contract';
import { presenceChangesSchema } from '@latchkey/contract/schemas';
import { createListeners } from '@latchkey/core/internal';
import type { ServiceConnection } from './connection.ts';

/** Presence on all servers, as last received from the service. */
export type PresenceView = Pick<PresenceCache, 'all' | 'onChange'>;

/** The user sessions of all servers, as the service reports them, and their changes. */
export type PresenceCache = ReturnType<typeof createPresenceCache>;

const keyOf = ({ id, server_id }: UserSessionState) => `${id} ${server_id}`;

/**
 * Keeps a copy of the service's presence. Every difference of the copy is a change, so that each change is emitted
 * once, for repeated updates and across lost connections.
 */
export function createPresenceCache({ connection }: { connection: Pick<ServiceConnection, 'on'> }) {
  const view = new Map<string, UserSessionState>();
  const listeners = createListeners<[change: UserSessionChange, session: UserSessionState]>();
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

  /** Begins a list of all sessions that comes in pages. */
  const begin = () => {
    listed = new Set();
  };

  /** A page of that list: what differs from what was known is a change. */
  const add = (page: readonly UserSessionState[]) => {
    for (const session of page) set(session);
  };

  /** The list is complete: what neither it nor an event since its beginning has named is removed. */
  function end(): void {
    for (const [key, session] of [...view]) if (listed?.has(key) === false) remove(session);
    listed = undefined;
  }

  connection.on(backendPushes.userSession, (payload) => {
    const changes = presenceChangesSchema.safeParse(payload);
    if (!changes.success) return;
    for (const { change, session } of changes.data) {
      if (change === 'deletion') remove(session);
      else set(session);
    }
  });

  return Object.freeze({
    /** All entries. Empty before the first subscription. */
    all: (): readonly UserSessionState[] => [...view.values()],
    /** Calls the listener with each change, once. Returns the function that removes it. */
    onChange: listeners.add,
    begin,
    add,
    end,
    /** The whole list at once. */
    replace(sessions: readonly UserSessionState[]) {
      begin();
      add(sessions);
      end();
    },
  });
}
