import { z } from 'zod';
import type { NewBackend } from '../../../domain/backend/backend.ts';
import type { NewTenant, TenantUpdate } from '../../../domain/tenant/tenant.ts';
import { text } from '../schemas.ts';
import { booleanQuery, emailPrefix, name, pageFields, tenantId } from './query-schemas.ts';

const minutes = z.int().nullable().optional();

export const newTenantBody = z.strictObject({
  id: tenantId,
  name,
  registration_open: z.boolean().optional(),
  max_active_minutes: minutes,
  max_idle_minutes: minutes,
});

export const tenantBody = newTenantBody.omit({ id: true }).partial().refine(hasChange, 'has to change something');

export const userBody = z
  .strictObject({ disabled: z.boolean().optional(), operator: z.boolean().optional() })
  .refine(hasChange, 'has to change something');

export const newBackendBody = z.strictObject({
  id: text(63).optional(),
  name,
  tenant_id: tenantId.nullable().optional(),
  scopes: z.array(text(32)).max(10).optional(),
  origins: z.array(text(300)).max(50).optional(),
});

/** Nothing is asked for beyond the path. */
export const emptyBody = z.strictObject({});

export const uuidParams = z.strictObject({ id: z.uuid().toLowerCase() });
export const nameParams = z.strictObject({ id: text(63) });

export const usersQuery = z.strictObject({
  ...pageFields,
  tenant: tenantId.optional(),
  email: emailPrefix,
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

export const auditQuery = z.strictObject({
  ...pageFields,
  tenant: tenantId.optional(),
  user: z.uuid().optional(),
  action: text(64).optional(),
});

function hasChange(body: object): boolean {
  return Object.values(body).some((value) => value !== undefined);
}

export function toNewTenant(body: z.output<typeof newTenantBody>): NewTenant {
  return { id: body.id, name: body.name, ...toTenantChange(body) };
}

export function toTenantChange(body: z.output<typeof tenantBody>): TenantUpdate {
  const { name, registration_open, max_active_minutes, max_idle_minutes } = body;
  return {
    ...(name === undefined ? {} : { name }),
    ...(registration_open === undefined ? {} : { registrationOpen: registration_open }),
    ...(max_active_minutes === undefined ? {} : { maxActiveMinutes: max_active_minutes }),
    ...(max_idle_minutes === undefined ? {} : { maxIdleMinutes: max_idle_minutes }),
  };
}

export function toNewBackend({ tenant_id, ...body }: z.output<typeof newBackendBody>): NewBackend {
  return { ...body, tenantId: tenant_id };
}
