import { Failure, fail } from '@latchkey/contract';
import { TransactionError, type TransactionFactory } from '@latchkey/sdk-server';

/** SQLSTATE classes that speak of the database's health, never of the request: connection, resources, operator, I/O. */
const unwellStates = /^(08|40|53|55P03|57|58|XX)/;
const unwellErrno = /^(ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_|ENOSPC)/;
const unwellText =
  /Connection terminated|connection error|timeout exceeded|not queryable|already been destroyed|PGlite is clos/i;

/** True when the same call may succeed later; also for a commit whose outcome nobody knows: its key then tells. */
export function isTrouble(error: unknown): boolean {
  if (error instanceof Failure || !(error instanceof Error)) return false;
  if (error instanceof TransactionError) return error.code === 'commit_unknown';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return unwellStates.test(code) || unwellErrno.test(code) || unwellText.test(error.message);
}

/** Work that throws `unavailable` for trouble with the database, and everything else as it is. */
export async function orUnavailable<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw isTrouble(error) ? fail('unavailable', { cause: error, retryAfterMs: 1_000 }) : error;
  }
}

/** The same transactions for an `apiRouter`: trouble is retryable for whoever calls. */
export function forCallers<Transaction>(
  transactions: TransactionFactory<Transaction>,
): TransactionFactory<Transaction> {
  return Object.freeze({
    run: <T>(work: (transaction: Transaction) => Promise<T>) => orUnavailable(() => transactions.run(work)),
  });
}
