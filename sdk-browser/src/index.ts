export { Failure } from '@latchkey/contract';
export { createSession } from './bound-session.ts';
export type { Timers } from './platform/timers.ts';
export type { UnboundReason } from './proof/prover.ts';
export type {
  LoginInput,
  LogoutInput,
  OpenedStorage,
  Persistence,
  RegisterInput,
  Session,
  SessionEvents,
  SessionOptions,
  SocketFactory,
  StorageProvider,
  TokenStorage,
  Unsubscribe,
} from './session.ts';
export type { KeyBinding, SessionReason, SessionState, SessionStatus, SessionUser } from './session-state.ts';
export { isSignedIn } from './session-state.ts';
