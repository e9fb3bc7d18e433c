export { Failure } from '@latchkey/contract';
export type { MailCredential, MailSignIn } from './auth/mail-sign-ins.ts';
export {
  isVerificationRequired,
  type LoginInput,
  type RegisterInput,
  type VerificationRequired,
} from './auth/sign-in.ts';
export type { LogoutInput } from './auth/sign-out.ts';
export type { SocketFactory } from './connection/connection.ts';
export type { OpenedStorage, StorageProvider, TokenStorage } from './platform/storage.ts';
export type { Timers } from './platform/timers.ts';
export type { UnboundReason } from './proof/prover.ts';
export { createSession } from './session/create-session.ts';
export type { Session, SessionEvents, SessionOptions, Unsubscribe } from './session/session.ts';
export type { KeyBinding, SessionReason, SessionState, SessionStatus, SessionUser } from './session/session-state.ts';
export { isSignedIn } from './session/session-state.ts';
export type { Persistence } from './tokens/storage-location.ts';
