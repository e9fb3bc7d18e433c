import { createProver } from '../proof/prover.ts';
import { openSession } from './open-session.ts';
import type { Session, SessionOptions } from './session.ts';

/**
 * Creates the session of this browser with a Latchkey service, as seen by this tab. It sends nothing before `connect`,
 * `login` or `register` is called. The token is kept in storage and shared by the tabs. The access token is kept in memory.
 *
 * @throws TypeError for an unknown option, for a value of another kind, and for an address that is not an origin
 *
 * @example
 * const session = createSession({ url: 'https://id.example.com', apis: ['https://api.example.com'] });
 * session.subscribe((state) => show(state.status, state.user));
 * const { status } = await session.connect();
 * if (status === 'signed_out') await session.login({ email, password });
 * const answer = await session.fetch('https://api.example.com/accounts');
 */
export function createSession(options: SessionOptions): Session {
  return openSession(options, createProver);
}
