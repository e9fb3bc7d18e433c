import type { PgTransaction } from '../transaction/pg-transaction.ts';
import type { TransactionFactory } from './run-call.ts';
import { createTransactionStore, type IdempotencyStore, type IdempotencyStoreOptions } from './transaction-store.ts';

/**
 * Answers of calls with an idempotency key, on PostgreSQL by `pg`, written by the call's own transaction. A call that is
 * repeated while it runs waits, `waitMs` at most, and is then refused with `busy`; trouble with the database is
 * `unavailable`.
 *
 * @throws TypeError for a wrong table name or time
 * @example
 * const transactions = latchkey.transactions(pgTransactionClass(pool));
 * const idempotency = pgIdempotencyStore(transactions);
 * await idempotency.createTable();
 * latchkey.apiRouter(io, 'api', { transactions, idempotency }).on('pay', { transactional: true }, pay);
 */
export function pgIdempotencyStore(
  transactions: TransactionFactory<PgTransaction>,
  options: IdempotencyStoreOptions = {},
): IdempotencyStore<PgTransaction> {
  const query = async (transaction: PgTransaction, text: string, values: string[]) =>
    (await transaction.query(text, values)).rows;
  return createTransactionStore({ ...options, transactions, query });
}
