import type { Session, SessionOptions } from './session.ts';
import type { SessionCore } from './session-core.ts';
import type { SessionUser } from './session-state.ts';

/** One sign-in at a time: the same one again (`what`) shares the promise, another one is `busy`. */
export type RunSignIn = (what: string, signIn: () => Promise<SessionUser>) => Promise<SessionUser>;

/** What functions over a session need of it beyond its public face. */
export interface SessionInternals {
  readonly core: SessionCore;
  readonly options: Pick<SessionOptions, 'url' | 'socketUrl' | 'tenant'>;
  readonly runSignIn: RunSignIn;
}

const insides = new WeakMap<Session, SessionInternals>();

export function setInternals(session: Session, inside: SessionInternals): Session {
  insides.set(session, inside);
  return session;
}

/** Throws `TypeError` for an object that `createSession` did not make. */
export function getInternals(session: Session): SessionInternals {
  const inside = insides.get(session);
  if (inside === undefined) throw new TypeError('This session was not made by createSession.');
  return inside;
}
