'use client';

import {
  createContext,
  createElement,
  type ReactElement,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useState,
} from 'react';
import { createSession } from '../bound-session.ts';
import type { Session, SessionOptions } from '../session.ts';
import { createStore, type SessionStore } from './store.ts';

/** A session of your own, which stays yours to close, or the options of one that lives as long as the provider. */
export type SessionProviderProps = { readonly children?: ReactNode } & (
  | { readonly session: Session; readonly options?: never }
  | { readonly options: SessionOptions; readonly session?: never }
);

const Context = createContext<SessionStore | undefined>(undefined);

/** A store of its own session, made at the first render; and `renew`, which makes another one once that is closed. */
function useOwnStore(options: SessionOptions | undefined) {
  const [open] = useState(
    () => () => (options === undefined ? undefined : createStore(createSession(options), { isOwned: true })),
  );
  const [store, setStore] = useState(open);
  const renew = useCallback(() => setStore((current) => (current?.isClosed() ? open() : current)), [open]);
  return { store, renew };
}

/**
 * The session of all components below, connected when this is mounted. `options` count once, at the first render; a
 * session made from them is closed when this is unmounted or hidden (`Activity`), and one that is shown again makes
 * another, which takes up what the browser stored. Safe under StrictMode, and on the server, where it renders as
 * `connecting` and touches nothing. Throws `TypeError` with neither a session nor options.
 *
 * @example
 * <SessionProvider options={{ url: 'https://id.example.com' }}><App /></SessionProvider>
 */
export function SessionProvider({ session, options, children }: SessionProviderProps): ReactElement {
  const own = useOwnStore(options);
  const given = useMemo(
    () => (session === undefined ? undefined : createStore(session, { isOwned: false })),
    [session],
  );
  const store = given ?? own.store;
  if (store === undefined) throw new TypeError('A SessionProvider needs a session, or options to make one.');
  const { renew } = own;
  useEffect(() => (store.isClosed() ? renew() : store.mount()), [store, renew]);
  return createElement(Context.Provider, { value: store }, children);
}

/** Throws `TypeError` outside a provider. */
export function useStore(): SessionStore {
  const store = useContext(Context);
  if (store === undefined) throw new TypeError('useSession and useApi need a SessionProvider above them.');
  return store;
}
