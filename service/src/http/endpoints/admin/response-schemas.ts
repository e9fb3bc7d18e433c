import { backendScopes } from '@latchkey/contract';
import { z } from 'zod';

const time = z.string();
const nullableString = z.string().nullable();

export const tenantResponse = z.object({
  id: z.string(),
  name: z.string(),
  registration_open: z.boolean(),
  max_active_minutes: z.number().nullable(),
  max_idle_minutes: z.number().nullable(),
  active_minutes: z.number(),
  idle_minutes: z.number().nullable(),
  created_at: time,
});

export const userResponse = z.object({
  id: z.string(),
  tenant_id: z.string(),
  email: nullableString,
  external_id: nullableString,
  profile: z.record(z.string(), z.unknown()),
  operator: z.boolean(),
  disabled_at: time.nullable(),
  created_at: time,
});

export const claimsRecomputedResponse = z.object({ changed: z.number() });

export const sessionResponse = z.object({
  id: z.string(),
  user_id: z.string(),
  tenant_id: z.string(),
  email: nullableString,
  browser: z.string(),
  address_prefix: nullableString,
  created_at: time,
  last_active_at: time,
  expires_at: time,
  generation: z.number(),
  bound: z.boolean(),
  online: z.boolean(),
  sockets: z.number(),
  servers: z.array(z.object({ server_id: z.string(), backend_id: nullableString, sockets: z.number() })),
});

const backendResponse = z.object({
  id: z.string(),
  name: z.string(),
  tenant_id: nullableString,
  scopes: z.array(z.enum(backendScopes)),
  origins: z.array(z.string()),
  created_at: time,
  disabled_at: time.nullable(),
});

export const backendSecretResponse = z.object({ backend: backendResponse, secret: z.string() });
export const removedResponse = z.object({ removed: z.string() });

export const keysResponse = z.object({
  keys: z.array(
    z.object({
      kid: z.string(),
      state: z.enum(['next', 'current', 'previous']),
      created_at: time,
      retired_at: time.nullable(),
    }),
  ),
});
export const keysRotatedResponse = z.object({ kid: z.string(), rotated: z.boolean() });

const auditRow = z.object({
  id: z.number(),
  at: time,
  action: z.string(),
  tenant_id: nullableString,
  user_id: nullableString,
  session_id: nullableString,
  address_prefix: nullableString,
  detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
});

export const overviewResponse = z.object({
  sessions: z.number(),
  online_sessions: z.number(),
  sockets: z.number(),
  servers: z.number(),
  users: z.number(),
  tenants: z.number(),
  minutes: z.array(z.object({ at: time, rotations: z.number(), logins: z.number(), sessions: z.number().nullable() })),
});

const next_cursor = z.string().nullable();

export const tenantListResponse = z.object({ tenants: z.array(tenantResponse), next_cursor });
export const userListResponse = z.object({ users: z.array(userResponse), next_cursor });
export const adminSessionListResponse = z.object({ sessions: z.array(sessionResponse), next_cursor });
export const backendListResponse = z.object({ backends: z.array(backendResponse), next_cursor });
export const auditListResponse = z.object({ audit: z.array(auditRow), next_cursor });
