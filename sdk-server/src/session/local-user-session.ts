import type { EndReason } from '@latchkey/contract';
import type { UserSession } from './user-session.ts';

/** A user session of this server. `creation` is when its first socket came here, `lastUpdate` when sockets last changed. */
export type LocalUserSession = UserSession;

/** Why a user session left this server: its end anywhere, or `inactive`: no socket came back in time. */
export type SessionDestroyReason = EndReason | 'inactive';

/** May return any value, also a promise. Its error is logged. */
export type SessionDestroyListener = (session: LocalUserSession, reason: SessionDestroyReason) => unknown;
