import { backendScopes } from '@latchkey/contract';
import { z } from 'zod';

const time = z.string();
const maybe = z.string().nullable();

export const tenant = z.object({
  id: z.string(),
  name: z.string(),
  registration_open: z.boolean(),
  max_active_minutes: z.number().nullable(),
  max_idle_minutes: z.number().nullable(),
  active_minutes: z.number(),
  idle_minutes: z.number().nullable(),
  created_at: time,
});

export const user = z.object({
  id: z.string(),
  tenant_id: z.string(),
  email: maybe,
  external_id: maybe,
  profile: z.record(z.string(), z.unknown()),
  operator: z.boolean(),
  disabled_at: time.nullable(),
  created_at: time,
});

export const recomputed = z.object({ changed: z.number() });

export const session = z.object({
  id: z.string(),
  user_id: z.string(),
  tenant_id: z.string(),
  email: maybe,
  browser: z.string(),
  address_prefix: maybe,
  created_at: time,
  last_active_at: time,
  expires_at: time,
  generation: z.number(),
  bound: z.boolean(),
  online: z.boolean(),
  sockets: z.number(),
  servers: z.array(z.object({ server_id: z.string(), backend_id: maybe, sockets: z.number() })),
});

const backend = z.object({
  id: z.string(),
  name: z.string(),
  tenant_id: maybe,
  scopes: z.array(z.enum(backendScopes)),
  origins: z.array(z.string()),
  created_at: time,
  disabled_at: time.nullable(),
});

export const backendSecret = z.object({ backend, secret: z.string() });
export const removed = z.object({ removed: z.string() });

export const keys = z.object({
  keys: z.array(
    z.object({
      kid: z.string(),
      state: z.enum(['next', 'current', 'previous']),
      created_at: time,
      retired_at: time.nullable(),
    }),
  ),
});
export const rotated = z.object({ kid: z.string(), rotated: z.boolean() });

const auditRow = z.object({
  id: z.number(),
  at: time,
  action: z.string(),
  tenant_id: maybe,
  user_id: maybe,
  session_id: maybe,
  address_prefix: maybe,
  detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
});

export const overview = z.object({
  sessions: z.number(),
  online_sessions: z.number(),
  sockets: z.number(),
  servers: z.number(),
  users: z.number(),
  tenants: z.number(),
  minutes: z.array(z.object({ at: time, rotations: z.number(), logins: z.number(), sessions: z.number().nullable() })),
});

const next_cursor = z.string().nullable();

export const tenants = z.object({ tenants: z.array(tenant), next_cursor });
export const users = z.object({ users: z.array(user), next_cursor });
export const sessions = z.object({ sessions: z.array(session), next_cursor });
export const backends = z.object({ backends: z.array(backend), next_cursor });
export const audit = z.object({ audit: z.array(auditRow), next_cursor });
