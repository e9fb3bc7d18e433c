import type { Session, SessionOptions } from './session.ts';
import { openSession } from './session-client.ts';

export { Failure } from '@latchkey/contract';

/**
 * `createSession` without proofs, some kilobytes smaller: sign-ins are never bound, and a session that is bound already
 * cannot be used.
 *
 * @example
 * import { createSession } from '@latchkey/sdk-browser/unbound';
 */
export function createSession(options: Omit<SessionOptions, 'useDpop'>): Session {
  return openSession(options);
}
