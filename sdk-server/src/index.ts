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
