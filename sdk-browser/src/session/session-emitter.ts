import { createSubscribable, type Subscribable } from '../platform/subscribable.ts';
import type { SessionEvents, Unsubscribe } from './session.ts';

type Name = keyof SessionEvents;
type Listeners = { readonly [Key in Name]: Subscribable<SessionEvents[Key]> };

/** Event listeners of a session. */
export interface SessionEmitter {
  /** Adds a listener and returns the function that removes it. Throws `TypeError` for an unknown event. */
  on<Key extends Name>(event: Key, listener: (payload: SessionEvents[Key]) => void): Unsubscribe;
  emit<Key extends Name>(event: Key, payload: SessionEvents[Key]): void;
  /** Removes all listeners. */
  clear(): void;
}

function createListeners(): Listeners {
  return {
    state: createSubscribable(),
    authenticated: createSubscribable(),
    logged_out: createSubscribable(),
    unauthorized: createSubscribable(),
    session_expiring: createSubscribable(),
    server_drain: createSubscribable(),
  };
}

/** Creates an emitter without listeners. */
export function createSessionEmitter(): SessionEmitter {
  const listeners = createListeners();
  return Object.freeze({
    on<Key extends Name>(event: Key, listener: (payload: SessionEvents[Key]) => void) {
      if (!Object.hasOwn(listeners, event)) {
        throw new TypeError(`A session has no event '${event}', only ${Object.keys(listeners).join(', ')}.`);
      }
      return listeners[event].subscribe(listener);
    },
    emit: <Key extends Name>(event: Key, payload: SessionEvents[Key]) => listeners[event].publish(payload),
    clear() {
      for (const set of Object.values(listeners)) set.clear();
    },
  });
}
