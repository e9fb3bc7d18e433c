import { openSession } from './session/open-session.ts';
import type { Session, SessionOptions } from './session/session.ts';

export { Failure } from '@latchkey/contract';

/**
 * Creates a session without proofs; the entry is some kilobytes smaller. Sign-ins are never bound to a key, and a session that
 * is bound already cannot be used.
 *
 * @throws TypeError for an unknown option, for a value of another kind, and for an address that is not an origin
 *
 * @example
 * import { createSession } from '@latchkey/sdk-browser/unbound';
 */
export function createSession(options: Omit<SessionOptions, 'useDpop'>): Session {
  return openSession(options);
}
