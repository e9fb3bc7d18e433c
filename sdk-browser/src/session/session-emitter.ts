import { createSubscribable } from '../platform/subscribable.ts';
import type { SessionEvents, Unsubscribe } from './session.ts';

type Name = keyof SessionEvents;

/** Event listeners of a session. */
export interface SessionEmitter {
  /** Adds a listener and returns the function that removes it. Throws `TypeError` for an unknown event. */
  on<Key extends Name>(event: Key, listener: (payload: SessionEvents[Key]) => void): Unsubscribe;
  emit<Key extends Name>(event: Key, payload: SessionEvents[Key]): void;
  /** Removes all listeners. */
  clear(): void;
}

const names: readonly Name[] = [
  'state',
  'authenticated',
  'logged_out',
  'unauthorized',
  'session_expiring',
  'server_drain',
];

/** Creates an emitter without listeners. */
export function createSessionEmitter(): SessionEmitter {
  const { subscribe, publish, clear } = createSubscribable<{ name: Name; payload: unknown }>();
  return {
    on(event, listener) {
      if (!names.includes(event)) {
        throw new TypeError(`A session has no event '${event}', only ${names.join(', ')}.`);
      }
      return subscribe(({ name, payload }) => name === event && listener(payload as never));
    },
    emit: (name, payload) => publish({ name, payload }),
    clear,
  };
}
