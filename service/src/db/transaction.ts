import type { Db } from './schema.ts';

/** States after which the same work may simply be done again: serialization failure, deadlock. */
const retryStates: ReadonlySet<unknown> = new Set(['40001', '40P01']);
const attempts = 4;

export interface Transaction {
  /** The handle that everything inside has to use: on PGlite the outer one waits for ever. */
  readonly tx: Db;
}

/** Runs `work` in one transaction, again after a deadlock; what others are to learn is told by whoever awaited it. */
export function transact<T>(db: Db, work: (transaction: Transaction) => Promise<T>): Promise<T> {
  return retrying(() => db.transaction().execute((tx) => work({ tx })));
}

/** Runs one guarded statement, again after a deadlock. */
export async function retrying<T>(statement: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await statement();
    } catch (error) {
      if (attempt === attempts || !isRetryable(error)) throw error;
    }
  }
}

function isRetryable(error: unknown): boolean {
  return error instanceof Error && 'code' in error && retryStates.has(error.code);
}
