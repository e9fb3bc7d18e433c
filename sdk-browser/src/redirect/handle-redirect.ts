import { Failure, isRetryable } from '@latchkey/contract';
import { fail, looksLikeErrorCode } from '../platform/fail.ts';
import { type BrowserPage, getBrowserPage } from '../platform/page.ts';
import { getInternals, type SessionInternals } from '../session/internals.ts';
import type { Session } from '../session/session.ts';
import type { SessionUser } from '../session/session-state.ts';
import { parseCallback, type RedirectCallback } from './callback.ts';
import { getRedirectAttempts } from './get-redirect-attempts.ts';
import type { RedirectAttempt, RedirectAttempts } from './redirect-attempts.ts';

/** Result of a redirect sign-in. */
export interface RedirectOutcome {
  readonly user: SessionUser;
  /** The `state` that was passed to {@link signInWithRedirect}. */
  readonly state: unknown;
}

/** How long a returned code may be presented. A code expires after 60 s at most. */
const codeMs = 60_000;

interface Returned extends RedirectAttempt {
  readonly code: string;
}

/** Removes the response from the address and the history, so that no other script reads it, and returns it. */
function takeCallback(page: BrowserPage): RedirectCallback | undefined {
  const address = new URL(page.url);
  const answer = parseCallback(address.hash);
  if (answer === undefined) return undefined;
  address.hash = answer.rest;
  page.replaceUrl(address.href);
  return answer;
}

/** Returns the attempt of a response, with its code. Stores it, so that the page can resume after a reload. */
function accept(attempts: RedirectAttempts, { state = '', code, error }: RedirectCallback, now: number): Returned {
  const attempt = attempts.find(state);
  const isOther = attempt?.code !== undefined && attempt.code !== code;
  if (attempt === undefined || isOther || (code === undefined && error === undefined)) {
    throw fail('code_invalid', { message: 'This sign-in did not begin in this tab, or has expired. Sign in again.' });
  }
  if (error !== undefined || code === undefined) {
    attempts.remove(state);
    throw fail(looksLikeErrorCode(error) ? error : 'unauthenticated', {
      message: 'The sign-in page returned no code. Sign in again.',
    });
  }
  const returned = { ...attempt, code, until: attempt.code === undefined ? now + codeMs : attempt.until };
  attempts.save(state, returned);
  return returned;
}

/**
 * Refuses the response of another service (RFC 9207 §2.4). Its code would be sent to the service of this session, or that of
 * this session to the other one. The attempt is kept for the response of the right service.
 */
function assertIssuer({ iss }: RedirectCallback, { core, options }: SessionInternals): void {
  if (iss === options.url) return;
  const sentence = `the sign-in page answered as ${iss ?? 'no issuer'}, and url is ${options.url}. Both have to be LATCHKEY_PUBLIC_URL of the service.`;
  core.warnOnce('issuer', sentence);
  throw fail('code_invalid', { message: 'The answer is that of another service. Sign in again.' });
}

function find(
  inside: SessionInternals,
  attempts: RedirectAttempts,
  page: BrowserPage,
): readonly [state: string, returned: Returned] | undefined {
  const answer = takeCallback(page);
  if (answer !== undefined) {
    assertIssuer(answer, inside);
    return [answer.state ?? '', accept(attempts, answer, page.now())];
  }
  const [state, attempt] = attempts.findReturned() ?? [];
  return state === undefined || attempt?.code === undefined ? undefined : [state, { ...attempt, code: attempt.code }];
}

async function completeSignIn(inside: SessionInternals, page: BrowserPage): Promise<RedirectOutcome | undefined> {
  const attempts = getRedirectAttempts(inside, page);
  const found = find(inside, attempts, page);
  if (found === undefined) return undefined;
  const [state, { code, verifier, rotationKey, appState }] = found;
  try {
    const user = await inside.runSignIn(`redirect ${state}`, () =>
      inside.core.exchangeCode({ code, code_verifier: verifier, rotation_key: rotationKey }, codeMs),
    );
    attempts.remove(state);
    return { user, state: appState };
  } catch (cause) {
    if (!(cause instanceof Failure && isRetryable(cause.code))) attempts.remove(state);
    throw cause;
  }
}

const inFlight = new WeakMap<Session, Promise<RedirectOutcome | undefined>>();

/**
 * Completes the sign-in of {@link signInWithRedirect}. Call it on the page `app`, before other scripts read the address. It
 * removes `code` and `state` from the fragment and from the history before it returns. Other parts of the fragment are kept.
 *
 * Resolves after the token is stored, or with `undefined` when the address has no response. Concurrent calls return the same
 * promise. After a reload it resumes the exchange.
 *
 * Rejects with `code_invalid` when this tab did not begin the sign-in within the last ten minutes, when it is completed, and when
 * `iss` of the answer (RFC 9207) is not the `url` of the session. The present session is unchanged then. Rejects otherwise as `login` does. After `unavailable` or `busy` it may be called again,
 * for a minute. `page` is for tests.
 *
 * @example
 * const returned = await handleRedirect(session);
 * if (returned === undefined) await session.connect();
 * else show(returned.user, returned.state);
 */
export function handleRedirect(
  session: Session,
  page: BrowserPage | undefined = getBrowserPage(),
): Promise<RedirectOutcome | undefined> {
  const flight = inFlight.get(session);
  if (flight !== undefined) return flight;
  if (page === undefined) return Promise.resolve(undefined);
  const done = completeSignIn(getInternals(session), page).finally(() => inFlight.delete(session));
  inFlight.set(session, done);
  return done;
}
