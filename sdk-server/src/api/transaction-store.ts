import { assertOptions, type Failure, fail, type OptionNames } from '@latchkey/contract';
import { TransactionError } from '../transaction/transaction-error.ts';
import { type IdempotentCall, paramsMismatch, type TransactionStore } from './idempotency.ts';
import { createStatements, tableStatements } from './idempotency-table.ts';
import type { TransactionFactory } from './run-call.ts';

/** What an app may say about its store of answers. */
export interface IdempotencyStoreOptions {
  /** Default `idempotent_calls`. */
  readonly table?: string;
  /** How long answers are kept, at least. Default 24 hours. */
  readonly keepMs?: number;
  /** How long a repetition waits for the run of another node, a connection in hand; then `busy`. Default 2,000. */
  readonly waitMs?: number;
}

/** Answers of calls with an idempotency key, in a table that all nodes of the app share. */
export interface IdempotencyStore<Transaction> extends TransactionStore<Transaction> {
  /** Makes the table, unless it is there; nodes that start together wait for each other. See {@link idempotencyTableSql}. */
  createTable(): Promise<void>;
  /** Deletes up to 1,000 expired answers and returns their number. Rejects with the database's error. */
  clean(): Promise<number>;
}

interface TransactionStoreDeps<Transaction> extends IdempotencyStoreOptions {
  readonly transactions: TransactionFactory<Transaction>;
  /** Runs one statement in the transaction; resolves to its rows. */
  readonly query: (transaction: Transaction, text: string, values: string[]) => Promise<readonly unknown[]>;
}

const maxDeletesPerClean = 1_000;
/** Expired records that each stored call removes, so that the table stays small without a job. */
const maxDeletesPerCall = 2;
const retryAfterMs = 500;

const names: OptionNames<TransactionStoreDeps<never>> = {
  transactions: 'object',
  query: 'function',
  table: 'string',
  keepMs: true,
  waitMs: true,
};

/**
 * Keeps answers on PostgreSQL, by the call's own transaction: effect and record are committed together, or neither is.
 * A record is inserted before the work runs, so the same call on another node waits for its end: for the answer, or to
 * run in its place after a rollback.
 */
export function createTransactionStore<Transaction>(
  deps: TransactionStoreDeps<Transaction>,
): IdempotencyStore<Transaction> {
  assertOptions('the idempotency store', deps, names);
  const { transactions, query, table, keepMs = 86_400_000, waitMs = 2_000 } = deps;
  for (const [name, value] of Object.entries({ keepMs, waitMs })) {
    if (!(Number.isInteger(value) && value > 0)) throw new TypeError(`${name} has to be a positive integer`);
  }
  const statements = createStatements(table);
  type Statement = keyof typeof statements;

  async function runStatement(transaction: Transaction, statement: Statement, values: string[]) {
    try {
      return await query(transaction, statements[statement], values);
    } catch (error) {
      throw toStoreError(error);
    }
  }

  async function readResult(transaction: Transaction, call: IdempotentCall): Promise<unknown> {
    const [found] = await runStatement(transaction, 'find', identityOf(call));
    const { fingerprint, answer } = (found ?? {}) as { fingerprint?: string; answer?: string | null };
    // Removed between the two statements, or of a snapshot taken before.
    if (typeof answer !== 'string') throw stillRunning();
    if (fingerprint !== call.fingerprint) throw paramsMismatch();
    return JSON.parse(answer);
  }

  return Object.freeze({
    within: 'transaction' as const,
    async once(call: IdempotentCall, work: () => Promise<unknown>, transaction: Transaction) {
      const identity = identityOf(call);
      const claimed = await runStatement(transaction, 'claim', [...identity, call.fingerprint, `${waitMs}`]);
      if (claimed.length === 0) return readResult(transaction, call);
      const answer = JSON.stringify(await work()) ?? 'null';
      await runStatement(transaction, 'keep', [...identity, answer, `${keepMs}`, `${maxDeletesPerCall}`]);
      // The first answer as every repetition gets it.
      return JSON.parse(answer);
    },
    createTable: () =>
      transactions.run(async (transaction) => {
        await query(transaction, "SELECT pg_advisory_xact_lock(hashtext('latchkey idempotency'))", []);
        for (const statement of tableStatements(table)) await query(transaction, statement, []);
      }),
    clean: () =>
      transactions.run(async (transaction) => {
        return (await query(transaction, statements.clean, [`${keepMs}`, `${maxDeletesPerClean}`])).length;
      }),
  });
}

function identityOf({ tenantId, userId, api, call, key }: IdempotentCall): string[] {
  return [tenantId, userId, api, call, key];
}

function stillRunning(): Failure {
  return fail('busy', { message: 'This call is running already; ask again.', retryAfterMs });
}

/** PostgreSQL: the lock was not to be had in time; a statement of the work had failed before. */
const lockNotAvailable = '55P03';
const transactionHasFailed = '25P02';

/** Maps an error of a statement of the store: an error of the database, unless the work itself failed. */
function toStoreError(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === lockNotAvailable) return stillRunning();
  if (error instanceof TransactionError || code === transactionHasFailed) return error;
  return fail('unavailable', { retryAfterMs, cause: error });
}
