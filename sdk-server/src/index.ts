export {
  type AccessClaims,
  type CustomClaims,
  type ErrorCode,
  Failure,
  fail,
  type SessionUser,
  type TenantLimitsPatch,
} from '@latchkey/contract';
export {
  type CauseCode,
  type CauseReport,
  type DrainReport,
  type NamespaceAccess,
  type NamespaceAccesses,
  type ProtocolTimings,
  type SocketLimits,
  type SocketSession,
  tenantRoom,
  userRoom,
} from '@latchkey/core';
export { type Clock, createSystemClock, type Logger, type MetricRegistry } from '@latchkey/core/internal';
export type { ChangeListener, ChangeNotifier, NotificationType } from './change/changes.ts';
export type { ClusterChanges } from './cluster-changes.ts';
export type { LatchkeyHealth } from './health.ts';
export type { RouteOptions } from './http/authenticate.ts';
export type { Guards } from './http/create-guards.ts';
export { type Guard, maxAuthAge, requireScope } from './http/guards.ts';
export type { NodeGuard } from './http/node.ts';
export { createLatchkey, type Latchkey } from './latchkey.ts';
export type { LatchkeyOptions, ProcessOptions, SocketServeOptions } from './options.ts';
export type { LocalUserSessions } from './session/local-user-sessions.ts';
export type {
  LocalUserSession,
  SessionDestroyListener,
  SessionDestroyReason,
  UserSession,
} from './session/user-session.ts';
export type { Shutdown, ShutdownOptions, ShutdownReport } from './shutdown/shutdown.ts';
export { type StopOnSignalsOptions, stopOnSignals } from './shutdown/stop-on-signals.ts';
export type { TenantLimitsApi } from './tenant-limits.ts';
export type { UsersOptions } from './users/options.ts';
export type { StalenessPolicy, VerifyOptions } from './verify/verify.ts';
