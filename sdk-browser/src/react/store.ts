import { createSubscribable } from '../platform/subscribable.ts';
import { createTimers, type Timers } from '../platform/timers.ts';
import type { Session, Unsubscribe } from '../session.ts';
import type { SessionState } from '../session-state.ts';

/** A session as React follows it: one snapshot, one subscription. */
export interface SessionStore {
  readonly session: Session;
  state(): SessionState;
  subscribe(listener: () => void): Unsubscribe;
  /** Once closed, a session is of no more use; the next mount needs another one. */
  isClosed(): boolean;
  /** A provider is mounted: connects the session once. Returns what its unmount calls. */
  mount(): Unsubscribe;
}

/** What is known before storage was read: on the server, and in the first paint. */
export const initialState: SessionState = Object.freeze({ status: 'connecting' });

/**
 * Follows `session`. A session that is `owned` is closed after its provider is gone: a moment later, because StrictMode
 * unmounts and mounts again in the same task.
 */
export function createStore(
  session: Session,
  { isOwned, timers = createTimers() }: { readonly isOwned: boolean; readonly timers?: Timers },
): SessionStore {
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
  return Object.freeze<SessionStore>({
    session,
    isClosed: () => isClosed,
    state: () => (isConnected ? session.state : initialState),
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
