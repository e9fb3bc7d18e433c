import type { Session } from './session.ts';
import type { Core } from './session-core.ts';

/** What functions over a session need of it beyond its public face. */
export interface Inside {
  readonly core: Core;
  /** Aborted when the session is closed. */
  readonly closed: AbortSignal;
}

const insides = new WeakMap<Session, Inside>();

export function keepInside(session: Session, inside: Inside): Session {
  insides.set(session, inside);
  return session;
}

/** Throws `TypeError` for an object that `createSession` did not make. */
export function insideOf(session: Session): Inside {
  const inside = insides.get(session);
  if (inside === undefined) throw new TypeError('This session was not made by createSession.');
  return inside;
}
