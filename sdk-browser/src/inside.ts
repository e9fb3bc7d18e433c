import type { Session, SessionOptions } from './session.ts';
import type { Core } from './session-core.ts';
import type { SessionUser } from './session-state.ts';

/** One sign-in at a time: the same one again (`what`) shares the promise, another one is `busy`. */
export type Enter = (what: string, signIn: () => Promise<SessionUser>) => Promise<SessionUser>;

/** What functions over a session need of it beyond its public face. */
export interface Inside {
  readonly core: Core;
  readonly options: Pick<SessionOptions, 'url' | 'socketUrl' | 'tenant'>;
  readonly enter: Enter;
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
