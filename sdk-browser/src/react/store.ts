import { createSubscribable } from '../platform/subscribable.ts';
import { createTimers, type Timers } from '../platform/timers.ts';
import type { Session, Unsubscribe } from '../session/session.ts';
import type { SessionState } from '../session/session-state.ts';

/** A session as an external store of React. */
export interface ExternalStore {
  readonly session: Session;
  /** Returns the snapshot. */
  state(): SessionState;
  subscribe(listener: () => void): Unsubscribe;
  /** True after the session is closed. The next mount needs another store. */
  isClosed(): boolean;
  /** Connects the session once. Returns the cleanup function of the provider's effect. */
  mount(): Unsubscribe;
}

/** The state before the storage is read: on the server, and in the first render. */
export const connectingState: SessionState = Object.freeze({ status: 'connecting' });

/**
 * Creates the store of a session. With `isOwned` the session is closed after its provider is unmounted, in a later task, because
 * StrictMode unmounts and mounts again in the same task.
 */
export function createStore(
  session: Session,
  { isOwned, timers = createTimers() }: { readonly isOwned: boolean; readonly timers?: Timers },
): ExternalStore {
  const connected = createSubscribable<void>();
  let isConnected = false;
  let isClosed = false;
  let cancelClose = (): void => {};
  const connect = (): void => {
    if (isConnected) return;
    isConnected = true;
    void session.connect();
    connected.publish();
  };
  const close = (): void => {
    isClosed = true;
    session.close();
  };
  return Object.freeze<ExternalStore>({
    session,
    isClosed: () => isClosed,
    state: () => (isConnected ? session.state : connectingState),
    subscribe(listener) {
      const onState = (): void => listener();
      const removals = [connected.subscribe(onState), session.subscribe(onState)];
      return () => {
        for (const remove of removals) remove();
      };
    },
    mount() {
      cancelClose();
      connect();
      return () => {
        if (isOwned) cancelClose = timers.after(0, close);
      };
    },
  });
}
