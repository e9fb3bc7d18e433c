import type { RunSignIn } from '../auth/prepare-code.ts';
import type { Session, SessionOptions } from './session.ts';
import type { SessionCore } from './session-core.ts';

/** The internals of a session, for the functions of this package that take a session. */
export interface SessionInternals {
  readonly core: SessionCore;
  readonly options: Pick<SessionOptions, 'url' | 'socketUrl' | 'tenant'>;
  readonly runSignIn: RunSignIn;
}

const insides = new WeakMap<Session, SessionInternals>();

/** Stores the internals of a session and returns the session. */
export function setInternals(session: Session, inside: SessionInternals): Session {
  insides.set(session, inside);
  return session;
}

/** Returns the internals of a session. Throws `TypeError` for an object that `createSession` did not make. */
export function getInternals(session: Session): SessionInternals {
  const inside = insides.get(session);
  if (inside === undefined) throw new TypeError('This object is not a session of createSession.');
  return inside;
}
