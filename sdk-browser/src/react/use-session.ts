'use client';

import { useCallback, useMemo, useSyncExternalStore } from 'react';
import type { Session } from '../session/session.ts';
import type { SessionState } from '../session/session-state.ts';
import { useStore } from './session-provider.ts';
import { connectingState } from './store.ts';

type SessionMethods = Pick<
  Session,
  'connect' | 'register' | 'login' | 'logout' | 'refresh' | 'fetch' | 'activity' | 'on' | 'socket'
>;

/** The state and the methods of a session. It is the same object until the state changes. */
export type CurrentSession = SessionState & SessionMethods;

const selectAll = (state: SessionState): SessionState => state;

/**
 * Returns the state and the methods of the session, and renders again after each change of the state. With `select` it returns
 * the selected value, and renders again only when that changes by `Object.is`. `select` must return a value of the state, not a
 * new object.
 *
 * Throws `TypeError` outside a {@link SessionProvider}.
 *
 * @example
 * const session = useSession();
 * return isSignedIn(session) ? <Account /> : <SignIn />; // the status is `connecting` at each reconnect
 * const email = useSession(({ user }) => user?.email);
 */
export function useSession(): CurrentSession;
export function useSession<Picked>(select: (state: SessionState) => Picked): Picked;
export function useSession<Picked>(select?: (state: SessionState) => Picked): CurrentSession | Picked {
  const store = useStore();
  const pick: (state: SessionState) => SessionState | Picked = select ?? selectAll;
  const picked = useSyncExternalStore(
    store.subscribe,
    () => pick(store.state()),
    useCallback(() => pick(connectingState), [pick]),
  );
  const { session } = store;
  const current = useMemo(
    () => (select === undefined ? currentOf(picked as SessionState, session) : undefined),
    [select, picked, session],
  );
  return current ?? (picked as Picked);
}

function currentOf(state: SessionState, session: Session): CurrentSession {
  const { connect, register, login, logout, refresh, fetch, activity, on, socket } = session;
  return Object.freeze({ ...state, connect, register, login, logout, refresh, fetch, activity, on, socket });
}
