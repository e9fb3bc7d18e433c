export { Failure } from '@latchkey/contract';
export type { AnyApi, ApiClient } from './api/api-client.ts';
export type { CallOptions } from './api/pending-call.ts';
export type { Timers } from './platform/timers.ts';
export type {
  JarStorage,
  LoginInput,
  LogoutInput,
  RegisterInput,
  Remove,
  Session,
  SessionEvents,
  SessionOptions,
  SocketFactory,
} from './session.ts';
export { createSession } from './session-client.ts';
export type { SessionReason, SessionState, SessionStatus, SessionUser } from './session-state.ts';
export { isSignedIn } from './session-state.ts';
