import { type Failure, fail, isInfrastructure } from '@latchkey/contract';
import { TransactionError } from '../transaction/transaction-error.ts';

const retryAfterMs = 500;

/** Nobody knows whether the work stands, so whoever repeats it without a key may do it twice. */
const unknownEnd = 'Nobody knows whether this was done; look before doing it again.';

/** Whether the error is a commit of which nobody saw the end. */
export function isUnknownEnd(error: unknown): boolean {
  return error instanceof TransactionError && error.code === 'commit_unknown';
}

/** `unavailable`, and when to ask again: nothing of the work stands, or its record will tell. */
export function askAgain(cause: unknown): Failure {
  return fail('unavailable', { retryAfterMs, cause });
}

/**
 * True for trouble with the database on which the work failed; also where a transaction tells of it, because an inner
 * part could not be undone or the app rolled back for that reason.
 */
export function isTrouble(error: unknown): boolean {
  if (error instanceof TransactionError) return error.code === 'rolled_back' && isTrouble(error.cause);
  return isInfrastructure(error);
}

/** Trouble as whoever called hears of it, without a word of when to ask again: parts of the work may stand. */
function toldToCallers(error: unknown): unknown {
  if (isUnknownEnd(error)) return fail('unavailable', { message: unknownEnd, cause: error });
  return isTrouble(error) ? fail('unavailable', { cause: error }) : error;
}

/**
 * Does the work, and throws `unavailable` in place of trouble with the database, and of a commit whose end nobody saw;
 * everything else as it is. An `apiRouter` does so with its calls; this is for an app's other doors, such as a route.
 *
 * @throws unavailable
 * @example
 * router.get('/bookings', latchkey.koa(), async (ctx) => {
 *   ctx.body = await orUnavailable(() => listBookings(db, ctx.state.auth.sub));
 * });
 */
export async function orUnavailable<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toldToCallers(error);
  }
}
