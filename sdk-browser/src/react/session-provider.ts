import {
  createContext,
  createElement,
  type ReactElement,
  type ReactNode,
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

/**
 * The session of all components below, connected when this is mounted. `options` count once, at the first render. Safe
 * under StrictMode, and on the server, where it renders as `joining` and touches nothing.
 *
 * @example
 * <SessionProvider options={{ url: 'https://id.example.com' }}><App /></SessionProvider>
 */
export function SessionProvider({ session, options, children }: SessionProviderProps): ReactElement {
  const [own] = useState(() => (options === undefined ? undefined : createSession(options)));
  const followed = session ?? own;
  if (followed === undefined) throw new TypeError('A SessionProvider needs a session, or options to make one.');
  const store = useMemo(() => createStore(followed, { isOwned: followed === own }), [followed, own]);
  useEffect(() => store.mount(), [store]);
  return createElement(Context.Provider, { value: store }, children);
}

/** Throws `TypeError` outside a provider. */
export function useStore(): SessionStore {
  const store = useContext(Context);
  if (store === undefined) throw new TypeError('useSession and useApi need a SessionProvider above them.');
  return store;
}
