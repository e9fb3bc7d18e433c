export { Failure } from '@latchkey/contract';
export { createSession } from './bound-session.ts';
export type { Timers } from './platform/timers.ts';
export type { UnboundReason } from './proof/prover.ts';
export type {
  JarStorage,
  LateStorage,
  LoginInput,
  LogoutInput,
  OpenedStorage,
  Persistence,
  RegisterInput,
  Remove,
  Session,
  SessionEvents,
  SessionOptions,
  SocketFactory,
} from './session.ts';
export type { Binding, SessionReason, SessionState, SessionStatus, SessionUser } from './session-state.ts';
export { isSignedIn } from './session-state.ts';
