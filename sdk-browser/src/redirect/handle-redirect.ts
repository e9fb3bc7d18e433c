import { Failure, isRetryable } from '@latchkey/contract';
import { fail, isCode } from '../fail.ts';
import { type Inside, insideOf } from '../inside.ts';
import { redeemCode } from '../login/redeem-code.ts';
import { findPage, type Page } from '../platform/page.ts';
import type { Session } from '../session.ts';
import type { SessionUser } from '../session-state.ts';
import { type RedirectAnswer, readAnswer } from './answer.ts';
import type { Attempt, Attempts } from './attempts.ts';
import { attemptsOf } from './attempts-of.ts';

export interface RedirectOutcome {
  readonly user: SessionUser;
  /** What {@link signInWithRedirect} was given as `state`. */
  readonly state: unknown;
}

/** A code lives for 60 s at most; after that there is nothing to go on with. */
const codeMs = 60_000;

interface Returned extends Attempt {
  readonly code: string;
}

/** Takes the answer out of the address, and of the history, before anything else can look at it. */
function takeAnswer(page: Page): RedirectAnswer | undefined {
  const address = new URL(page.address);
  const answer = readAnswer(address.hash);
  if (answer === undefined) return undefined;
  address.hash = answer.rest;
  page.replaceAddress(address.href);
  return answer;
}

/** The attempt that the answer belongs to, with its code; kept, so that a page that is loaded again can go on. */
function accept(attempts: Attempts, { state = '', code, error }: RedirectAnswer, now: number): Returned {
  const attempt = attempts.find(state);
  const isOther = attempt?.code !== undefined && attempt.code !== code;
  if (attempt === undefined || isOther || (code === undefined && error === undefined)) {
    throw fail('code_invalid', { message: 'This sign-in was not begun in this tab, or is over.' });
  }
  if (error !== undefined || code === undefined) {
    attempts.remove(state);
    throw fail(isCode(error) ? error : 'unauthenticated', { message: 'The sign-in ended without a code.' });
  }
  const returned = { ...attempt, code, until: attempt.code === undefined ? now + codeMs : attempt.until };
  attempts.keep(state, returned);
  return returned;
}

function find(attempts: Attempts, page: Page): readonly [state: string, returned: Returned] | undefined {
  const answer = takeAnswer(page);
  if (answer !== undefined) return [answer.state ?? '', accept(attempts, answer, page.now())];
  const [state, attempt] = attempts.findReturned() ?? [];
  return state === undefined || attempt?.code === undefined ? undefined : [state, { ...attempt, code: attempt.code }];
}

async function goOn(inside: Inside, page: Page): Promise<RedirectOutcome | undefined> {
  const attempts = attemptsOf(inside, page);
  const found = find(attempts, page);
  if (found === undefined) return undefined;
  const [state, { code, verifier, rotationKey, appState }] = found;
  try {
    const user = await inside.enter(`redirect ${state}`, () =>
      redeemCode(inside.core, { code, verifier, rotationKey }, codeMs),
    );
    attempts.remove(state);
    return { user, state: appState };
  } catch (cause) {
    if (!(cause instanceof Failure && isRetryable(cause.code))) attempts.remove(state);
    throw cause;
  }
}

const flights = new WeakMap<Session, Promise<RedirectOutcome | undefined>>();

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
  page: Page | undefined = findPage(),
): Promise<RedirectOutcome | undefined> {
  const flight = flights.get(session);
  if (flight !== undefined) return flight;
  if (page === undefined) return Promise.resolve(undefined);
  const done = goOn(insideOf(session), page).finally(() => flights.delete(session));
  flights.set(session, done);
  return done;
}
