import { type Failure, fail, isTransientError } from '@latchkey/contract';
import { TransactionError } from '../transaction/transaction-error.ts';

const retryAfterMs = 500;

/** The work may be committed, so a retry without a key may execute it twice. */
const outcomeUnknownMessage = 'The commit outcome is unknown. Check the current state before retrying.';

/** Whether the error is a commit of which nobody saw the end. */
export function isCommitOutcomeUnknown(error: unknown): boolean {
  return error instanceof TransactionError && error.code === 'commit_unknown';
}

/** `unavailable`, and when to ask again: nothing of the work stands, or its record will tell. */
export function retryableUnavailable(cause: unknown): Failure {
  return fail('unavailable', { retryAfterMs, cause });
}

/**
 * True for trouble with the database on which the work failed; also where a transaction tells of it, because an inner
 * part could not be undone or the app rolled back for that reason.
 */
export function isTransient(error: unknown): boolean {
  if (error instanceof TransactionError) return error.code === 'rolled_back' && isTransient(error.cause);
  return isTransientError(error);
}

/** Trouble as whoever called hears of it, without a word of when to ask again: parts of the work may stand. */
function toClientError(error: unknown): unknown {
  if (isCommitOutcomeUnknown(error)) return fail('unavailable', { message: outcomeUnknownMessage, cause: error });
  return isTransient(error) ? fail('unavailable', { cause: error }) : error;
}

/**
 * Does the work, and throws `unavailable` in place of trouble with the database, and of a commit whose end nobody saw;
 * everything else as it is. An `apiRouter` does so with its calls; this is for an app's other doors, such as a route.
 *
 * @throws unavailable
 * @example
 * router.get('/bookings', latchkey.koa(), async (ctx) => {
 *   ctx.body = await withUnavailable(() => listBookings(db, ctx.state.auth.sub));
 * });
 */
export async function withUnavailable<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toClientError(error);
  }
}
