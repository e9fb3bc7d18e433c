import type { SessionUser } from '@latchkey/contract';
import { type CodeRequest, prepareCode } from '../auth/prepare-code.ts';
import { getInternals } from '../session/internals.ts';
import type { Session } from '../session/session.ts';

/** A sign-in whose code the page gets by a request of its own, such as `POST /email/verify`. */
export interface PreparedSignIn {
  /** Members that the body of the request needs. */
  readonly request: CodeRequest;
  /**
   * Redeems the code of the answer. Resolves after the token is stored. Rejects with `busy` while another sign-in runs, and
   * otherwise as `login` does.
   */
  redeem(answer: { readonly code: string; readonly expires_in: number }): Promise<SessionUser>;
}

/**
 * Prepares a sign-in of a page at the origin of the service. Rejects with `unavailable` on plain http when the hash function for
 * pages without WebCrypto cannot be loaded.
 *
 * @example
 * const { request, redeem } = await prepareSignIn(session);
 * const body = JSON.stringify({ ticket, code, ...request });
 * await redeem(await (await fetch('/email/verify', { method: 'POST', headers, body })).json());
 */
export async function prepareSignIn(session: Session): Promise<PreparedSignIn> {
  const { core, runSignIn } = getInternals(session);
  const { request, redeem } = await prepareCode(core);
  return Object.freeze<PreparedSignIn>({
    request,
    redeem: (answer) => runSignIn(`code ${answer.code}`, () => redeem(answer)),
  });
}
