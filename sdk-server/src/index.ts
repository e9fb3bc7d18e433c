export {
  type ChangeListener,
  type ChangeNotices,
  type Changes,
  type ChangesOptions,
  createChanges,
  type NotificationType,
  type Notify,
} from './change/changes.ts';
export { type Clock, createSystemClock } from './clock.ts';
export type * from './session/local-user-session.ts';
export {
  createLocalUserSessions,
  type LocalUserSessions,
  type LocalUserSessionsDeps,
} from './session/local-user-sessions.ts';
export { createShutdown, type Shutdown, type ShutdownDeps, type ShutdownReport } from './shutdown/shutdown.ts';
export { type StopOnSignalsOptions, stopOnSignals } from './shutdown/stop-on-signals.ts';
export type * from './socket/authority.ts';
export type { SocketIdentity } from './socket/connection.ts';
export { mountBrowserProtocol } from './socket/namespace.ts';
export type {
  BrowserProtocol,
  BrowserProtocolOptions,
  Counts,
  DrainOptions,
  DrainReport,
  Limits,
  Log,
  Timings,
} from './socket/options.ts';
export { type SocketServerOptionsInput, socketServerOptions } from './socket/server-options.ts';
export type { EndingListener } from './transaction/endings.ts';
export {
  type KyselyControlled,
  type KyselyStart,
  type KyselyTransaction,
  kyselyTransactionClass,
} from './transaction/kysely-transaction.ts';
export {
  type PgClient,
  type PgPool,
  type PgResult,
  type PgTransaction,
  pgTransactionClass,
} from './transaction/pg-transaction.ts';
export { TransactionCoreClass } from './transaction/transaction-core-class.ts';
export { TransactionError, type TransactionErrorCode } from './transaction/transaction-error.ts';
export type { TransactionOptions, TransactionSteps } from './transaction/transaction-steps.ts';
export {
  createTransactions,
  type TransactionClass,
  type TransactionListeners,
  type TransactionRequirement,
  type Transactions,
  type TransactionsOptions,
} from './transaction/transactions.ts';
