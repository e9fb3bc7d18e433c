/**
 * An error of the transaction itself, not of its work.
 *
 * - `ended`: it was used after its end, or executed twice
 * - `not_running`: an inner transaction was started on a parent that does not run
 * - `busy`: a transaction was used from inside one of its inner transactions; use the inner one there
 * - `not_awaited`: the work ended while an inner transaction still ran; everything was rolled back
 * - `rolled_back`: `rollback()` was called, or an inner part could not be rolled back alone; nothing was committed
 * - `commit_unknown`: the connection was lost during the commit, so its outcome is unknown. Check the state before
 * retrying
 */
export type TransactionErrorCode = 'ended' | 'not_running' | 'busy' | 'not_awaited' | 'rolled_back' | 'commit_unknown';

/**
 * Thrown by transactions. Switch on `code`; `cause` is the error of the database, if there was one.
 *
 * @example
 * if (error instanceof TransactionError && error.code === 'commit_unknown') await findTransfer(id);
 */
export class TransactionError extends Error {
  override readonly name = 'TransactionError';
  readonly code: TransactionErrorCode;

  constructor(code: TransactionErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

export function busy(): TransactionError {
  return new TransactionError('busy', 'An inner transaction runs: use that one inside, or await it first');
}

export function notAwaited(): TransactionError {
  return new TransactionError('not_awaited', 'An inner transaction was not awaited; everything was rolled back');
}

export function commitOutcomeUnknown(cause: unknown): TransactionError {
  return new TransactionError('commit_unknown', 'the outcome of the commit is unknown', { cause });
}

export function alreadyExecuted(): TransactionError {
  const message =
    "A transaction is executed once; use one that runs as it is, or by defineTransaction('USE', transaction)";
  return new TransactionError('ended', message);
}
