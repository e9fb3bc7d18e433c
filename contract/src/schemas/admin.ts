import { z } from 'zod';
import {
  type AdminAuditRow,
  type AdminBackend,
  type AdminBackendSecret,
  type AdminImportResult,
  type AdminKey,
  type AdminMail,
  type AdminOverview,
  type AdminSession,
  type AdminTenant,
  type ClaimsRecomputed,
  emailVerifications,
  sessionLimitPolicies,
} from '../admin.ts';
import type { AdminUser } from '../admin-users.ts';
import { backendScopes } from '../backend.ts';
import { tenantBrandSchema } from './brand.ts';
import { pageOf } from './page.ts';

const nullableString = z.string().nullable();

/** Schema of {@link AdminTenant}. */
export const adminTenantSchema = z.object({
  id: z.string(),
  name: z.string(),
  registration_open: z.boolean(),
  max_active_minutes: z.number().nullable(),
  max_idle_minutes: z.number().nullable(),
  active_minutes: z.number(),
  idle_minutes: z.number().nullable(),
  email_verification: z.enum(emailVerifications),
  email_sign_in: z.boolean(),
  password_min_length: z.number().nullable(),
  allowed_domains: z.array(z.string()),
  max_sessions: z.number().nullable(),
  session_limit: z.enum(sessionLimitPolicies),
  locale: nullableString,
  created_at: z.string(),
  disabled_at: nullableString,
  brand: tenantBrandSchema.nullable(),
}) satisfies z.ZodType<AdminTenant>;

/** Schema of {@link AdminUser}. */
export const adminUserSchema = z.object({
  id: z.string(),
  tenant_id: z.string(),
  email: nullableString,
  external_id: nullableString,
  email_verified: z.boolean(),
  name: nullableString,
  picture: nullableString,
  locale: nullableString,
  profile: z.record(z.string(), z.unknown()),
  user_metadata: z.record(z.string(), z.unknown()),
  app_metadata: z.record(z.string(), z.unknown()),
  password_change_required: z.boolean(),
  operator: z.boolean(),
  disabled_at: nullableString,
  created_at: z.string(),
}) satisfies z.ZodType<AdminUser>;

/** Schema of {@link AdminImportResult}. */
export const adminImportResultSchema = z.object({
  outcomes: z.array(
    z.discriminatedUnion('outcome', [
      z.object({ outcome: z.enum(['created', 'exists']), id: z.string() }),
      z.object({
        outcome: z.literal('invalid'),
        details: z.array(z.object({ path: z.string(), message: z.string() })),
      }),
    ]),
  ),
  created: z.number(),
  exists: z.number(),
  invalid: z.number(),
}) satisfies z.ZodType<AdminImportResult>;

/** Schema of {@link ClaimsRecomputed}. */
export const claimsRecomputedSchema = z.object({ changed: z.number() }) satisfies z.ZodType<ClaimsRecomputed>;

/** Schema of {@link AdminSession}. */
export const adminSessionSchema = z.object({
  id: z.string(),
  user_id: z.string(),
  tenant_id: z.string(),
  email: nullableString,
  browser: z.string(),
  address_prefix: nullableString,
  created_at: z.string(),
  last_active_at: z.string(),
  expires_at: z.string(),
  generation: z.number(),
  bound: z.boolean(),
  online: z.boolean(),
  sockets: z.number(),
  servers: z.array(z.object({ server_id: z.string(), backend_id: nullableString, sockets: z.number() })),
}) satisfies z.ZodType<AdminSession>;

const adminBackend = z.object({
  id: z.string(),
  name: z.string(),
  tenant_id: nullableString,
  scopes: z.array(z.enum(backendScopes)),
  origins: z.array(z.string()),
  created_at: z.string(),
  disabled_at: nullableString,
}) satisfies z.ZodType<AdminBackend>;

/** Schema of {@link AdminBackendSecret}. */
export const adminBackendSecretSchema = z.object({
  backend: adminBackend,
  secret: z.string(),
}) satisfies z.ZodType<AdminBackendSecret>;

const adminKey = z.object({
  kid: z.string(),
  state: z.enum(['next', 'current', 'previous']),
  created_at: z.string(),
  retired_at: nullableString,
}) satisfies z.ZodType<AdminKey>;

const adminAuditRow = z.object({
  id: z.number(),
  at: z.string(),
  action: z.string(),
  tenant_id: nullableString,
  user_id: nullableString,
  session_id: nullableString,
  address_prefix: nullableString,
  detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
}) satisfies z.ZodType<AdminAuditRow>;

const adminMail = z.object({
  id: z.string(),
  tenant_id: z.string(),
  user_id: nullableString,
  template: z.string(),
  tries: z.number(),
  created_at: z.string(),
  failed_at: z.string(),
  failure: z.string(),
}) satisfies z.ZodType<AdminMail>;

/** Schema of {@link AdminOverview}. */
export const adminOverviewSchema = z.object({
  sessions: z.number(),
  online_sessions: z.number(),
  sockets: z.number(),
  servers: z.number(),
  users: z.number(),
  tenants: z.number(),
  minutes: z.array(
    z.object({ at: z.string(), rotations: z.number(), logins: z.number(), sessions: z.number().nullable() }),
  ),
}) satisfies z.ZodType<AdminOverview>;

/** Schema of the answer to `GET /admin/keys`. */
export const adminKeysSchema = z.object({ keys: z.array(adminKey) });
/** Schema of a page of `GET /admin/tenants`. */
export const adminTenantsSchema = pageOf('tenants', adminTenantSchema);
/** Schema of a page of `GET /admin/users`. */
export const adminUsersSchema = pageOf('users', adminUserSchema);
/** Schema of a page of `GET /admin/sessions`. */
export const adminSessionsSchema = pageOf('sessions', adminSessionSchema);
/** Schema of a page of `GET /admin/backends`. */
export const adminBackendsSchema = pageOf('backends', adminBackend);
/** Schema of a page of `GET /admin/audit`. */
export const adminAuditSchema = pageOf('audit', adminAuditRow);
/** Schema of a page of `GET /admin/mails`. */
export const adminMailsSchema = pageOf('mails', adminMail);
