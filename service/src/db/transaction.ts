import type { Db } from './schema.ts';

/** States after which the same work may simply be done again: serialization failure, deadlock. */
const retryStates: ReadonlySet<unknown> = new Set(['40001', '40P01']);
const attempts = 4;

export interface Transaction {
  /** The handle that everything inside has to use: on PGlite the outer one waits for ever. */
  readonly tx: Db;
  /** Runs `fact` once the commit stands; never when it does not. */
  afterCommit(fact: () => void): void;
}

/** Runs `work` in one transaction, again after a deadlock; facts leave only after the commit. */
export async function transact<T>(db: Db, work: (transaction: Transaction) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    const facts: (() => void)[] = [];
    try {
      const result = await db.transaction().execute((tx) => work({ tx, afterCommit: (fact) => void facts.push(fact) }));
      for (const fact of facts) fact();
      return result;
    } catch (error) {
      if (attempt === attempts || !isRetryable(error)) throw error;
    }
  }
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
