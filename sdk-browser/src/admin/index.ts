export type {
  AdminAuditRow,
  AdminBackend,
  AdminBackendSecret,
  AdminKey,
  AdminMinute,
  AdminOverview,
  AdminPresenceUpdate,
  AdminRecomputed,
  AdminSession,
  AdminTenant,
  AdminUser,
} from '@latchkey/contract';
export type { AdminFollower } from './admin-news.ts';
export { type Admin, adminOf } from './admin-of.ts';
