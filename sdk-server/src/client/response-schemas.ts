import {
  type BackendAccessGrant,
  type BackendGrant,
  type EndReason,
  endReasons,
  type Failure,
  fail,
  type Introspection,
  isErrorCode,
  type RevocationCursor,
  type TenantLimits,
  type UserSessionState,
  type WithServiceTime,
} from '@latchkey/contract';
import type { AccessGrant, Grant, SessionInspection } from '@latchkey/core';
import { z } from 'zod';

// What the service answers, parsed at this door. Fields this version does not know are dropped, so that an older
// backend speaks with a newer service.

const seconds = z.number();
// Epoch ms. Absent in the answers of an older service; a wrong shape of it must not keep the rest of the message away.
const time = z.number().optional().catch(undefined);
// A newer service may know more reasons; the session has ended all the same.
const reason = z.enum(endReasons).catch('ended_by_user' satisfies EndReason);
const lifetime = { expires_in: seconds, idle_expires_in: seconds.nullable() };
const access = {
  ...lifetime,
  access_token: z.string(),
  access_token_expires_in: seconds,
  scope: z.string().default(''),
  refresh_in: seconds,
};

const toAccess = (answer: BackendAccessGrant): AccessGrant => ({
  expiresInSeconds: answer.expires_in,
  idleExpiresInSeconds: answer.idle_expires_in,
  accessToken: answer.access_token,
  accessTokenExpiresInSeconds: answer.access_token_expires_in,
  scope: answer.scope ?? '',
  refreshInSeconds: answer.refresh_in,
});

const toGrant = (answer: BackendGrant): Grant => ({
  ...toAccess(answer),
  sid: answer.sid,
  userId: answer.user_id,
  tenantId: answer.tenant_id,
  generation: answer.generation,
  token: answer.token,
  rotateInSeconds: answer.rotate_in,
  idleTimeoutInSeconds: answer.idle_timeout_in,
  claims: answer.claims,
  serverTimeMs: answer.server_time,
  nowMs: answer.now,
});

export const accessResponse = z.object(access).transform(toAccess);

export const grantResponse = z
  .object({
    ...access,
    sid: z.string(),
    user_id: z.string(),
    tenant_id: z.string(),
    generation: z.number(),
    token: z.string(),
    rotate_in: seconds,
    idle_timeout_in: seconds.nullable(),
    claims: z.record(z.string(), z.unknown()),
    server_time: z.number(),
    now: time,
  })
  .transform(toGrant);

export const introspectionResponse: z.ZodType<Introspection> = z.looseObject({ active: z.boolean() });

export const logoutResponse = z.object({ ended: z.number() });

const sessionInspection = z.discriminatedUnion('alive', [
  z.object({ sid: z.string(), alive: z.literal(true), ...lifetime }),
  z.object({ sid: z.string(), alive: z.literal(false), reason }),
]);

const toSessionInspection = (row: z.infer<typeof sessionInspection>): SessionInspection =>
  row.alive
    ? { sid: row.sid, alive: true, expiresInSeconds: row.expires_in, idleExpiresInSeconds: row.idle_expires_in }
    : row;

export const sessionsInspectionResponse = z
  .object({ sessions: z.array(sessionInspection) })
  .transform(({ sessions }): readonly SessionInspection[] => sessions.map(toSessionInspection));

const cursor = { epoch: z.string(), seq: z.number().int().nonnegative() };

export const heartbeat: z.ZodType<RevocationCursor & WithServiceTime> = z.object({ ...cursor, now: time });

export const revocationBatch = z.object({
  ...cursor,
  kind: z.enum(['delta', 'snapshot']),
  // 0: its number was lost with a database that was restored; it counts all the same.
  entries: z.array(
    z.object({
      seq: z.number().int().nonnegative(),
      sid: z.string(),
      reason,
      until: time,
      keep_in: seconds,
    }),
  ),
  part: z.number().int().nonnegative().default(0),
  parts: z.number().int().positive().default(1),
});

const userSession: z.ZodType<UserSessionState> = z.object({
  id: z.string(),
  user_id: z.string(),
  tenant_id: z.string(),
  claims: z.record(z.string(), z.unknown()),
  server_id: z.string(),
  connections: z.number().int().nonnegative(),
  created_at: z.number(),
  updated_at: z.number(),
});

export const presenceChanges = z.array(
  z.object({ change: z.enum(['creation', 'update', 'deletion']), session: userSession }),
);

export const subscribeResponse = z.object({
  now: time,
  feed: revocationBatch,
  // Not told: the next heartbeat will say how fresh the list is.
  feed_age_ms: z.number().nonnegative().default(Number.POSITIVE_INFINITY),
  tenants_seq: z.number().optional().catch(undefined),
  issuer: z.string().optional().catch(undefined),
  audience: z.string().optional().catch(undefined),
});

export const presencePage = z.object({ user_sessions: z.array(userSession), more: z.boolean() });

const minutes = z.number().nullable();

export const tenantLimits: z.ZodType<TenantLimits> = z.object({
  tenant_id: z.string(),
  max_active_minutes: minutes,
  max_idle_minutes: minutes,
  active_minutes: z.number(),
  idle_minutes: minutes,
});

/** Longer than any drain is no drain: the line is needed. */
const maxDrainMs = 300_000;

export const serverDrain = z
  .object({
    reconnect_after_ms: z
      .number()
      .min(0)
      .transform((delayMs) => Math.min(delayMs, maxDrainMs)),
  })
  .catch({ reconnect_after_ms: 0 });

export const tenantChange = z.object({ tenant_id: z.string() });

const errorResponse = z.object({
  code: z.string(),
  message: z.string().optional(),
  retry_after_ms: z.number().optional(),
  details: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  verified: z.boolean().optional(),
  now: time,
});

const acknowledgement = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), data: z.unknown() }),
  z.object({ ok: z.literal(false), error: errorResponse }),
]);

/** The data of an acknowledgement. @throws the service's own failure; `unavailable` when it makes no sense here. */
export function parseServiceResponse<T>(schema: z.ZodType<T>, answer: unknown): T {
  const read = acknowledgement.safeParse(answer);
  if (!read.success) throw fail('unavailable', { detail: 'an answer of the service has a wrong shape' });
  if (!read.data.ok) throw toServiceFailure(read.data.error);
  const data = schema.safeParse(read.data.data);
  if (!data.success) throw fail('unavailable', { detail: `an answer of the service has a wrong shape: ${data.error}` });
  return data.data;
}

function toServiceFailure({
  code,
  message,
  retry_after_ms,
  details,
  verified = false,
  now,
}: z.infer<typeof errorResponse>): Failure {
  // A code of a newer service is no verdict this version could stand for.
  if (!isErrorCode(code)) return fail('unavailable', { detail: `the service said ${code}` });
  return fail(code, { message, retryAfterMs: retry_after_ms, details, verified, nowMs: now });
}
