import { initialState, reduce } from './reduce.ts';
import type { SessionEmitter } from './session-emitter.ts';
import type { Effect, SessionEvent } from './session-event.ts';
import type { SessionState } from './session-state.ts';

interface SessionStoreDeps {
  readonly events: SessionEmitter;
  readonly closed: AbortSignal;
  readonly runEffect: (effect: Effect) => void;
}

/** Creates the store of a new session. */
export function createSessionStore({ events, closed, runEffect }: SessionStoreDeps) {
  let state = initialState;
  let published = state.session;
  const changes: SessionState[] = [];
  return Object.freeze({
    get state() {
      return state.session;
    },
    /** Reduces an event and runs its effects. An effect may dispatch further events, which are reduced at once. */
    dispatch(event: SessionEvent) {
      const reduced = reduce(state, event);
      state = reduced.state;
      for (const effect of reduced.effects) runEffect(effect);
    },
    /** Emits the state, if it has changed. */
    publish() {
      const { session } = state;
      if (session === published) return;
      published = session;
      // A listener may dispatch itself: its state is emitted after the present one has reached all listeners.
      if (changes.push(session) > 1) return;
      for (const change of changes) events.emit('state', change);
      changes.length = 0;
    },
    /** Resolves with the first state that is not `connecting`, or with the current one when the session is closed before. */
    settled: () =>
      new Promise<SessionState>((resolve) => {
        const settle = (): void => {
          if (state.session.status === 'connecting' && !closed.aborted) return;
          remove();
          closed.removeEventListener('abort', settle);
          resolve(state.session);
        };
        const remove = events.on('state', settle);
        closed.addEventListener('abort', settle);
        settle();
      }),
  });
}

/** Keeps the state of a session. */
export type SessionStore = ReturnType<typeof createSessionStore>;
