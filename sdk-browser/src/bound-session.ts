import { createProver } from './proof/prover.ts';
import type { Session, SessionOptions } from './session.ts';
import { openSession } from './session-client.ts';

/**
 * One browser's session with a Latchkey service, as this tab sees it. Nothing happens before `connect`, `login` or
 * `register` is called. The token is kept in `storage` and shared by the tabs; the access token stays in memory.
 *
 * Throws a `TypeError` when an address is not one, or has no origin.
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
