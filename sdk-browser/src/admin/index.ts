export type {
  AdminAuditRow,
  AdminBackend,
  AdminBackendSecret,
  AdminKey,
  AdminOverview,
  AdminPresenceUpdate,
  AdminSession,
  AdminTenant,
  AdminTrafficMinute,
  AdminUser,
  ClaimsRecomputed,
} from '@latchkey/contract';
export type { AdminObserver } from './admin-updates.ts';
export { type Admin, getAdmin } from './get-admin.ts';
