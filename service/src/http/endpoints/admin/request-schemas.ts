import { emailVerifications, sessionLimitPolicies } from '@latchkey/contract';
import { z } from 'zod';
import { isStorableTime } from '../../../base/storable-time.ts';
import type { NewBackend } from '../../../domain/backend/backend.ts';
import type { NewTenant, TenantUpdate } from '../../../domain/tenant/tenant.ts';
import type { UserUpdate } from '../../../flow/admin/update-user.ts';
import { password, profileFields, text } from '../schemas.ts';

const defaultLimit = 50;

const limit = z
  .string()
  .regex(/^0*([1-9]\d?|100)$/, 'has to be a whole number from 1 to 100')
  .transform(Number)
  .default(defaultLimit)
  .meta({ type: 'integer', minimum: 1, maximum: 100, description: `${defaultLimit} unless given.` });
const cursor = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,128}$/, 'has to be next_cursor of the page before')
  .optional();

/** Which page of a list: `?limit=` rows at most, 1 to 100, 50 unless said, and `?cursor=`. */
const pageFields = { limit, cursor };

export const pageQuery = z.strictObject(pageFields);

const booleanQuery = z
  .enum(['true', 'false'])
  .transform((word) => word === 'true')
  .optional();

const tenantId = text(63);
const name = text(200);
/** Beginning of an address. */
const emailPrefix = text(254).optional();
/** ISO 8601, with `Z` or an offset. */
const time = z.iso
  .datetime({ offset: true, error: 'has to be a time of ISO 8601' })
  .refine(isStorableTime, 'has to be of the years 1970 to 9999')
  .transform((iso) => new Date(iso))
  .optional();
const minutes = z.int().nullable().optional();

export const newTenantBody = z.strictObject({
  id: tenantId,
  name,
  registration_open: z.boolean().optional(),
  max_active_minutes: minutes,
  max_idle_minutes: minutes,
  email_verification: z.enum(emailVerifications).optional(),
  email_sign_in: z.boolean().optional(),
  password_min_length: z.int().nullable().optional(),
  allowed_domains: z.array(text(253)).max(100).optional(),
  max_sessions: z.int().nullable().optional(),
  session_limit: z.enum(sessionLimitPolicies).optional(),
  locale: text(35).nullable().optional(),
});

export const tenantBody = newTenantBody
  .omit({ id: true })
  .extend({ disabled: z.boolean() })
  .partial()
  .refine(hasChange, 'has to change something');

/** What administrators write of users, new ones and others. */
const writtenFields = {
  ...profileFields,
  app_metadata: profileFields.user_metadata.unwrap().unwrap().optional(),
  email_verified: z.boolean().optional(),
  password_change_required: z.boolean().optional(),
};

export const newUserBody = z.strictObject({
  ...writtenFields,
  tenant_id: tenantId,
  email: text(254),
  password: password.optional(),
});

export const userBody = z
  .strictObject({
    ...writtenFields,
    email: text(254).optional(),
    disabled: z.boolean().optional(),
    operator: z.boolean().optional(),
  })
  .refine(hasChange, 'has to change something');

/** For a logo of 64 KiB as base64, and the rest of the body. */
export const maxBrandBytes = 98_304;

export const brandBody = z.strictObject({
  name: name.optional(),
  colour: text(7).optional(),
  logo: z.string().max(90_000).nullable().optional(),
});

export const newBackendBody = z.strictObject({
  id: text(63).optional(),
  name,
  tenant_id: tenantId.nullable().optional(),
  scopes: z.array(text(32)).max(10).optional(),
  origins: z.array(text(300)).max(50).optional(),
});

/** Each row is judged by itself, so that one that is invalid does not refuse the others. */
export const usersImportBody = z.strictObject({
  tenant_id: tenantId.nullable().optional(),
  users: z.array(z.unknown()).min(1).max(500),
  dry_run: z.boolean().optional(),
  allow_weak_hashes: z.boolean().optional(),
});

/** The id of what was deleted. */
export const removedResponse = z.object({ removed: z.string() });

/** Nothing is asked for beyond the path. */
export const emptyBody = z.strictObject({});

export const uuidParams = z.strictObject({ id: z.uuid().toLowerCase() });
export const nameParams = z.strictObject({ id: text(63) });

export const usersQuery = z.strictObject({
  ...pageFields,
  tenant: tenantId.optional(),
  email: emailPrefix,
  search: text(254).optional(),
  operator: booleanQuery,
  disabled: booleanQuery,
});

export const sessionsQuery = z.strictObject({
  ...pageFields,
  tenant: tenantId.optional(),
  user: z.uuid().optional(),
  email: emailPrefix,
  online: booleanQuery,
});

export const tenantQuery = z.strictObject({ ...pageFields, tenant: tenantId.optional() });

export const auditQuery = z.strictObject({
  ...pageFields,
  tenant: tenantId.optional(),
  user: z.uuid().optional(),
  action: text(64).optional(),
  session: z.uuid().optional(),
  from: time,
  to: time,
});

function hasChange(body: object): boolean {
  return Object.values(body).some((value) => value !== undefined);
}

export function toNewTenant({ id, name, ...rest }: z.output<typeof newTenantBody>): NewTenant {
  return { ...toTenantChange(rest), id, name };
}

export function toTenantChange(body: z.output<typeof tenantBody>): TenantUpdate {
  return {
    name: body.name,
    registrationOpen: body.registration_open,
    maxActiveMinutes: body.max_active_minutes,
    maxIdleMinutes: body.max_idle_minutes,
    emailVerification: body.email_verification,
    emailSignIn: body.email_sign_in,
    passwordMinLength: body.password_min_length,
    allowedDomains: body.allowed_domains,
    maxSessions: body.max_sessions,
    sessionLimit: body.session_limit,
    locale: body.locale,
    disabled: body.disabled,
  };
}

export function toNewUser({ tenant_id: tenantId, password, ...fields }: z.output<typeof newUserBody>) {
  return { tenantId, password, fields };
}

export function toUserUpdate(body: z.output<typeof userBody>): UserUpdate {
  const { user_metadata, app_metadata, email_verified, password_change_required, ...rest } = body;
  return {
    ...rest,
    userMetadata: user_metadata === null ? {} : user_metadata,
    appMetadata: app_metadata,
    emailVerified: email_verified,
    passwordChangeRequired: password_change_required,
  };
}

export function toUsersImport({ tenant_id, users, dry_run, allow_weak_hashes }: z.output<typeof usersImportBody>) {
  return {
    tenantId: tenant_id ?? undefined,
    rows: users,
    dryRun: dry_run ?? false,
    allowWeakHashes: allow_weak_hashes ?? false,
  };
}

export function toNewBackend({ tenant_id, ...body }: z.output<typeof newBackendBody>): NewBackend {
  return { ...body, tenantId: tenant_id };
}
