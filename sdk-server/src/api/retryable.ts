import { type Failure, fail, isTransientError } from '@latchkey/contract';
import { TransactionError } from '../transaction/transaction-error.ts';

const retryAfterMs = 500;

/** The work may be committed, so a retry without a key may execute it twice. */
const outcomeUnknownMessage = 'The commit outcome is unknown. Check the current state before retrying.';

/** True if the error is a commit with an unknown outcome. */
export function isCommitOutcomeUnknown(error: unknown): boolean {
  return error instanceof TransactionError && error.code === 'commit_unknown';
}

/** `unavailable` with `retryAfterMs`: nothing was committed, or the record has the outcome. */
export function retryableUnavailable(cause: unknown): Failure {
  return fail('unavailable', { retryAfterMs, cause });
}

/**
 * True for transient errors of the database, also inside a transaction error, because an inner part could not be rolled
 * back or the app rolled back for that reason.
 */
export function isTransient(error: unknown): boolean {
  if (error instanceof TransactionError) return error.code === 'rolled_back' && isTransient(error.cause);
  return isTransientError(error);
}

/** The error for callers, without `retryAfterMs`: parts of the work may be committed. */
function toClientError(error: unknown): unknown {
  if (isCommitOutcomeUnknown(error)) return fail('unavailable', { message: outcomeUnknownMessage, cause: error });
  return isTransient(error) ? fail('unavailable', { cause: error }) : error;
}

/**
 * Does the work, and throws `unavailable` for transient errors of the database and for a commit with an unknown outcome. Other
 * errors are not changed. An `apiRouter` does so with its calls. This is for an app's other endpoints, such as a route.
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
