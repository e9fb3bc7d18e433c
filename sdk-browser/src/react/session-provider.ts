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
import { createSession } from '../session/create-session.ts';
import type { Session, SessionOptions } from '../session/session.ts';
import { createStore, type ExternalStore } from './store.ts';

/** `session`: a session that the caller closes. `options`: a session that the provider creates and closes. */
export type SessionProviderProps = { readonly children?: ReactNode } & (
  | { readonly session: Session; readonly options?: never }
  | { readonly options: SessionOptions; readonly session?: never }
);

const Context = createContext<ExternalStore | undefined>(undefined);

/** Returns the store of a session created at the first render, and `renew`, which replaces the store after it is closed. */
function useOwnStore(options: SessionOptions | undefined) {
  const [open] = useState(
    () => () => (options === undefined ? undefined : createStore(createSession(options), { isOwned: true })),
  );
  const [store, setStore] = useState(open);
  const renew = useCallback(() => setStore((current) => (current?.isClosed() ? open() : current)), [open]);
  return { store, renew };
}

/**
 * Provides a session to all components below, and connects it when mounted. `options` are read once, at the first render. The
 * session that they create is closed when the provider is unmounted or hidden (`Activity`). When it becomes visible again it
 * creates another session, which resumes the stored one. Safe under StrictMode. On the server it renders as `connecting` and
 * opens nothing. Throws `TypeError` without `session` and `options`.
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
  if (store === undefined) throw new TypeError('SessionProvider needs the prop session or the prop options.');
  const { renew } = own;
  useEffect(() => (store.isClosed() ? renew() : store.mount()), [store, renew]);
  return createElement(Context.Provider, { value: store }, children);
}

/** Returns the store of the provider above. Throws `TypeError` outside a provider. */
export function useStore(): ExternalStore {
  const store = useContext(Context);
  if (store === undefined) throw new TypeError('useSession and useApi need a SessionProvider above them.');
  return store;
}
