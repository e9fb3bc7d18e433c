export { accessTokenChallenge } from './access-token/challenge.ts';
export { createRemoteKeySet, type KeySet } from './access-token/key-set.ts';
export { type AccessTokenReader, type AccessTokenReaderDeps, createAccessTokenReader } from './access-token/verify.ts';
export type * from './authority.ts';
export {
  type CauseKind,
  type CauseLog,
  type CauseLogDeps,
  type CauseReport,
  type CauseTable,
  createCauseLog,
} from './cause/cause-log.ts';
export { type CauseCode, type Causes, causes, createCauses } from './cause/causes.ts';
export { createRefusals, type Refusals } from './cause/refusals.ts';
export { socketCauses } from './cause/socket-causes.ts';
export { createSocketServer, type SocketServerOptionsInput, socketServerOptions } from './engine/socket-server.ts';
export type { ProofTarget } from './proof/check-proof-claims.ts';
export { deriveNonceKey, type NonceKeys } from './proof/nonces.ts';
export type { PossessionCheck, PresentedAt, PresentedToken } from './proof/possession.ts';
export { createProofs, type Proofs, type ProofsDeps } from './proof/proofs.ts';
export { type BackpressureGuard, createBackpressureGuard } from './socket/backpressure.ts';
export { mountBrowserProtocol } from './socket/browser-protocol.ts';
export { createDeadlines, type Schedulable, unscheduled } from './socket/deadlines.ts';
export { createErrorReporter, maskError } from './socket/error-reporter.ts';
export { bufferedBytes, type EngineConnection, terminateConnection } from './socket/limits.ts';
export type { NamespaceAccess, NamespaceAccesses } from './socket/namespace-access.ts';
export {
  type BrowserProtocol,
  type BrowserProtocolOptions,
  type DrainOptions,
  type DrainReport,
  defaultTimings,
  type ProtocolCounts,
  type ProtocolTimings,
  type RefusalObserver,
  type SocketLimits,
} from './socket/options.ts';
export { createPongGuard, type PongGuard } from './socket/pong-guard.ts';
export { authenticatedRoom, type SocketSession, sessionRoom, tenantRoom, userRoom } from './socket/rooms.ts';
export { type AckCallback, splitEventArguments } from './socket/send.ts';
