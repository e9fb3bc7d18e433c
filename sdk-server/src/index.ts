export {
  type AccessClaims,
  type ApiCallOptions,
  type ApiCalls,
  type ApiOf,
  type CustomClaims,
  type ErrorCode,
  Failure,
  fail,
  type SessionUser,
  type TenantLimitsPatch,
} from '@latchkey/contract';
export {
  type AccessGrant,
  type AccessTokenReader,
  type AccessTokenReaderDeps,
  type Authority,
  type BackpressureGuard,
  type BrowserProtocol,
  type BrowserProtocolOptions,
  bufferedBytes,
  type CauseCode,
  type CauseKind,
  type CauseLog,
  type CauseLogDeps,
  type CauseReport,
  type Causes,
  type CauseTable,
  type ClientInfo,
  causes,
  createAccessTokenReader,
  createBackpressureGuard,
  createCauseLog,
  createPongGuard,
  createProofs,
  createSocketServer,
  type DrainOptions,
  type DrainReport,
  type ExchangeRequest,
  type Grant,
  type KeySet,
  mountBrowserProtocol,
  type NamespaceAccess,
  type NamespaceAccesses,
  type NonceKeys,
  type PongGuard,
  type PossessionCheck,
  type PresentedAt,
  type PresentedToken,
  type Proofs,
  type ProofsDeps,
  type ProofTarget,
  type ProtocolCounts,
  type ProtocolTimings,
  type SessionInspection,
  type SessionLifetime,
  type SocketLimits,
  type SocketServerOptionsInput,
  type SocketSession,
  socketServerOptions,
  tenantRoom,
  userRoom,
} from '@latchkey/core';
export {
  assertHttpServer,
  assertSocketServer,
  type Clock,
  createSuspensionDetector,
  createSystemClock,
  createVerificationClock,
  detectFramework,
  type Logger,
  type SuspensionDetector,
  type VerificationClock,
} from '@latchkey/core/internal';
export { type ApiRouterDeps, type ApiRouterOptions, createApiRouter } from './api/api-router.ts';
export type { BroadcastOptions, CallContext } from './api/call-context.ts';
export type { ApiRouter } from './api/calls.ts';
export type { AnyIdempotencyStore, IdempotentCall, ProcessStore, TransactionStore } from './api/idempotency.ts';
export { idempotencyTableSql } from './api/idempotency-table.ts';
export { type KyselyQueryHandle, kyselyIdempotencyStore } from './api/kysely-store.ts';
export { pgIdempotencyStore } from './api/pg-store.ts';
export { withUnavailable } from './api/retryable.ts';
export type { CallRouteOptions } from './api/route.ts';
export type { TransactionFactory } from './api/run-call.ts';
export type { StandardIssue, StandardResult, StandardSchema } from './api/standard-schema.ts';
export type { IdempotencyStore, IdempotencyStoreOptions } from './api/transaction-store.ts';
export {
  type ChangeListener,
  type ChangeNotifier,
  type Changes,
  type ChangesOptions,
  createChanges,
  type NotificationType,
  type Notify,
} from './change/changes.ts';
export { createPresenceCache, type PresenceCache, type PresenceView } from './client/presence-cache.ts';
export type { TenantLimitsClient } from './client/remote-tenant-limits.ts';
export type { ServiceClient } from './client/service-client.ts';
export type { ClusterChanges } from './cluster-changes.ts';
export type { RouteOptions } from './http/authenticate.ts';
export type { Guards } from './http/create-guards.ts';
export type { ExpressGuard } from './http/express.ts';
export type { FastifyGuard } from './http/fastify.ts';
export { type Guard, maxAuthAge, requireScope } from './http/guards.ts';
export type { KoaGuard } from './http/koa.ts';
export type { NodeGuard } from './http/node.ts';
export { composeLatchkey, createLatchkey, type Latchkey, type LatchkeyHealth } from './latchkey.ts';
export type { LatchkeyDeps } from './latchkey-deps.ts';
export type { LatchkeyOptions, ProcessOptions, SocketServeOptions } from './options.ts';
export type * from './session/local-user-session.ts';
export {
  createLocalUserSessions,
  type LocalUserSessions,
  type LocalUserSessionsDeps,
} from './session/local-user-sessions.ts';
export type { UserSession } from './session/user-session.ts';
export {
  createShutdown,
  exitAfter,
  type Shutdown,
  type ShutdownDeps,
  type ShutdownOptions,
  type ShutdownReport,
} from './shutdown/shutdown.ts';
export { type StopOnSignalsOptions, stopOnSignals } from './shutdown/stop-on-signals.ts';
export type { TenantLimitsApi } from './tenant-limits.ts';
export {
  type KyselyDatabase,
  type KyselyTransaction,
  type KyselyTransactionHandle,
  kyselyTransactionClass,
} from './transaction/kysely-transaction.ts';
export {
  type PgClient,
  type PgPool,
  type PgResult,
  type PgTransaction,
  pgTransactionClass,
} from './transaction/pg-transaction.ts';
export { handlePoolErrors, type PgPoolEvents } from './transaction/pool-errors.ts';
export { TransactionCoreClass } from './transaction/transaction-core-class.ts';
export { TransactionError, type TransactionErrorCode } from './transaction/transaction-error.ts';
export type { TransactionEndListener } from './transaction/transaction-listeners.ts';
export type { TransactionOptions, TransactionSteps } from './transaction/transaction-steps.ts';
export {
  type AnyTransactionClass,
  createTransactions,
  type DefineTransaction,
  type TransactionClass,
  type TransactionListeners,
  type TransactionRequirement,
  type Transactions,
  type TransactionsOptions,
} from './transaction/transactions.ts';
export type { UsersOptions } from './users/options.ts';
export type { StalenessPolicy, VerifyOptions } from './verify/verify.ts';
