export { createPresenceCache, type PresenceCache, type PresenceView } from './client/presence-cache.ts';
export type { TenantLimitsClient } from './client/remote-tenant-limits.ts';
export type { ServiceClient } from './client/service-client.ts';
export { composeLatchkey } from './latchkey.ts';
export type { LatchkeyDeps } from './options.ts';
export { createLocalUserSessions, type LocalUserSessionsDeps } from './session/local-user-sessions.ts';
export { createShutdown, exitAfter, type ShutdownDeps } from './shutdown/shutdown.ts';
