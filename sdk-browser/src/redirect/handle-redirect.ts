import { Failure, isRetryable } from '@latchkey/contract';
import { fail, looksLikeErrorCode } from '../fail.ts';
import { getInternals, type SessionInternals } from '../inside.ts';
import { exchangeCode } from '../login/exchange-code.ts';
import { type BrowserPage, getBrowserPage } from '../platform/page.ts';
import type { Session } from '../session.ts';
import type { SessionUser } from '../session-state.ts';
import { parseCallback, type RedirectCallback } from './callback.ts';
import { getRedirectAttempts } from './get-redirect-attempts.ts';
import type { RedirectAttempt, RedirectAttempts } from './redirect-attempts.ts';

export interface RedirectOutcome {
  readonly user: SessionUser;
  /** What {@link signInWithRedirect} was given as `state`. */
  readonly state: unknown;
}

/** A code lives for 60 s at most; after that there is nothing to go on with. */
const codeMs = 60_000;

interface Returned extends RedirectAttempt {
  readonly code: string;
}

/** Takes the answer out of the address, and of the history, before anything else can look at it. */
function takeCallback(page: BrowserPage): RedirectCallback | undefined {
  const address = new URL(page.url);
  const answer = parseCallback(address.hash);
  if (answer === undefined) return undefined;
  address.hash = answer.rest;
  page.replaceUrl(address.href);
  return answer;
}

/** The attempt that the answer belongs to, with its code; kept, so that a page that is loaded again can go on. */
function accept(attempts: RedirectAttempts, { state = '', code, error }: RedirectCallback, now: number): Returned {
  const attempt = attempts.find(state);
  const isOther = attempt?.code !== undefined && attempt.code !== code;
  if (attempt === undefined || isOther || (code === undefined && error === undefined)) {
    throw fail('code_invalid', { message: 'This sign-in was not begun in this tab, or is over.' });
  }
  if (error !== undefined || code === undefined) {
    attempts.remove(state);
    throw fail(looksLikeErrorCode(error) ? error : 'unauthenticated', { message: 'The sign-in ended without a code.' });
  }
  const returned = { ...attempt, code, until: attempt.code === undefined ? now + codeMs : attempt.until };
  attempts.save(state, returned);
  return returned;
}

function find(attempts: RedirectAttempts, page: BrowserPage): readonly [state: string, returned: Returned] | undefined {
  const answer = takeCallback(page);
  if (answer !== undefined) return [answer.state ?? '', accept(attempts, answer, page.now())];
  const [state, attempt] = attempts.findReturned() ?? [];
  return state === undefined || attempt?.code === undefined ? undefined : [state, { ...attempt, code: attempt.code }];
}

async function completeSignIn(inside: SessionInternals, page: BrowserPage): Promise<RedirectOutcome | undefined> {
  const attempts = getRedirectAttempts(inside, page);
  const found = find(attempts, page);
  if (found === undefined) return undefined;
  const [state, { code, verifier, rotationKey, appState }] = found;
  try {
    const user = await inside.runSignIn(`redirect ${state}`, () =>
      exchangeCode(inside.core, { code, verifier, rotationKey }, codeMs),
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
 * Finishes what {@link signInWithRedirect} began: call it wherever the person comes back to, as early as can be. It takes
 * `code` and `state` out of the fragment, and out of the history, before it returns; other parts of the fragment stay.
 * Resolves once the token is stored, or with nothing when the address holds no answer. Called again meanwhile it
 * returns the same promise; a page that is loaded again meanwhile goes on where it was.
 *
 * Rejects with `code_invalid` when this tab did not begin that sign-in within the last ten minutes, or it is over: nothing
 * has changed then, and whoever was signed in still is. Otherwise as `login` does; after `unavailable` or `busy` it may be
 * called again, for a minute. `page` is for tests.
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
