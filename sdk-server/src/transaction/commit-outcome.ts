/** Errors of connection, operator and system, and 40003: they do not determine the outcome of the commit. */
const uncertainStates = /^(08|57|58|F0|XX|40003)/;

/** COMMIT of a transaction in which a statement failed answers ROLLBACK, and no error. Kysely has one of this name. */
export class AbortedTransactionError extends Error {
  override readonly name = 'AbortedTransactionError';

  constructor() {
    super('A statement had failed, so the database rolled back instead of committing');
  }
}

/**
 * True if PostgreSQL itself refused the commit (a deferred constraint, a serialization failure), so that nothing was
 * committed.
 */
export function isCommitRefusal(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name === 'AbortedTransactionError') return true;
  // Node's own codes (`EPIPE`) may look like SQLSTATEs; only the server's errors have a severity.
  if (!('code' in error && typeof error.code === 'string' && 'severity' in error)) return false;
  return /^[0-9A-Z]{5}$/.test(error.code) && !uncertainStates.test(error.code);
}
