export { withUnavailable } from '../api/retryable.ts';
export { type Changes, type ChangesOptions, createChanges, type Notify } from '../change/changes.ts';
export {
  type KyselyDatabase,
  type KyselyTransaction,
  type KyselyTransactionHandle,
  kyselyTransactionClass,
} from './kysely-transaction.ts';
export { type PgClient, type PgPool, type PgResult, type PgTransaction, pgTransactionClass } from './pg-transaction.ts';
export { handlePoolErrors, type PgPoolEvents } from './pool-errors.ts';
export { TransactionCoreClass } from './transaction-core-class.ts';
export { TransactionError, type TransactionErrorCode } from './transaction-error.ts';
export type { TransactionEndListener } from './transaction-listeners.ts';
export type { TransactionOptions, TransactionSteps } from './transaction-steps.ts';
export {
  type AnyTransactionClass,
  createTransactions,
  type DefineTransaction,
  type TransactionClass,
  type TransactionListeners,
  type TransactionRequirement,
  type Transactions,
  type TransactionsOptions,
} from './transactions.ts';
