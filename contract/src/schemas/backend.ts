import { z } from 'zod';
import type {
  BackendAccessGrant,
  BackendGrant,
  BackendHandshake,
  BackendSessionStatus,
  BackendSubscribeResponse,
  BackendToServiceEvents,
  PresenceChange,
  PresencePage,
  RevocationBatch,
  RevocationCursor,
  UserSessionState,
  WithServiceTime,
} from '../backend.ts';
import { maxScopeLength } from '../scope.ts';
import { type EndReason, endReasons } from '../socket.ts';
import type { TenantLimits } from '../tenant-limits.ts';
import { introspectionSchema } from './http.ts';
import { credentialSchema, exchangeFields, logoutScopeSchema } from './values.ts';

/** What a backend sends with a call. */
export type BackendCallPayload<K extends keyof BackendToServiceEvents> = Parameters<BackendToServiceEvents[K]>[0];

/** What the service answers to a call, if it is carried out. */
export type BackendCallData<K extends keyof BackendToServiceEvents> = Parameters<
  NonNullable<Parameters<BackendToServiceEvents[K]>[1]>
>[0] extends infer Answer
  ? Extract<Answer, { ok: true }> extends { data: infer Data }
    ? Data
    : never
  : never;

const sid = z.uuid();
/** PostgreSQL has no place for NUL, and no header holds one. */
const headerText = (maxLength: number) =>
  z
    .string()
    .max(maxLength)
    .regex(/^[^\0]*$/, 'has a NUL character')
    .nullable();
/** Ids in one message: as many as fit into 64 KB. */
const sids = z.array(sid).max(1_000);
const tenantId = z.string().min(1).max(63);
const limit = z.int().min(1).max(525_600).nullable().optional();

/** Schema of {@link BackendHandshake}. */
export const backendHandshakeSchema = z.strictObject({
  backend_id: z.string().min(1).max(63),
  backend_secret: z.string().min(1).max(256),
  server_id: z.uuid(),
  protocol: z.int(),
}) satisfies z.ZodType<BackendHandshake>;

/** Payloads of calls, as the service reads them. Unknown keys are refused. */
export const backendPayloadSchemas = {
  exchange: z.strictObject({
    ...exchangeFields,
    credential: credentialSchema,
    socket_origin: z.string().min(1).max(512).optional(),
    expected_sid: sid.optional(),
    peer: z.strictObject({
      connection_id: z.string().min(1).max(128),
      origin: headerText(512),
      address: headerText(64),
      user_agent: headerText(1_024),
    }),
  }),
  confirm: z.strictObject({ sid, gen: z.int().min(1).max(2_147_483_647) }),
  refresh: z.strictObject({
    sid,
    admin: z.boolean().optional(),
    scope: z.string().min(1).max(maxScopeLength).optional(),
  }),
  logout: z.strictObject({ sid, scope: logoutScopeSchema.optional() }),
  sessions: z.strictObject({ sids }),
  presence: z.strictObject({
    counts: z.array(z.tuple([sid, z.int().min(0).max(1_000_000)])).max(1_000),
    all: z.boolean().optional(),
  }),
  activity: z.strictObject({ sids }),
  tenant_get: z.strictObject({ tenant_id: tenantId }),
  tenant_set: z.strictObject({ tenant_id: tenantId, max_active_minutes: limit, max_idle_minutes: limit }),
  introspect: z.strictObject({ token: credentialSchema }),
  subscribe: z.strictObject({
    epoch: z.string().max(128).optional(),
    seq: z.int().min(0).optional(),
    part: z.int().min(0).optional(),
  }),
  presence_list: z.strictObject({ first: z.boolean().optional() }),
} satisfies { [K in keyof BackendToServiceEvents]: z.ZodType<BackendCallPayload<K>> };

// What the service sends, as backends read it. Unknown fields are dropped, so that a backend works with a newer service.

/** Absent in the answers of an older service. A wrong shape must not keep the rest of the message away. */
const optionalNumber = z.number().optional().catch(undefined);
/** A newer service may know more reasons; the session has ended all the same. */
const reason = z.enum(endReasons).catch('ended_by_user' satisfies EndReason);
const count = z.int().nonnegative();
const minutes = z.number().nullable();
const claims = z.record(z.string(), z.unknown());
const cursor = { epoch: z.string(), seq: count };
const lifetime = { expires_in: z.number(), idle_expires_in: z.number().nullable() };

/** Schema of {@link BackendAccessGrant}. */
export const backendAccessGrantSchema = z.object({
  ...lifetime,
  access_token: z.string(),
  access_token_expires_in: z.number(),
  scope: z.string().optional(),
  refresh_in: z.number(),
}) satisfies z.ZodType<BackendAccessGrant>;

/** Schema of {@link BackendGrant}. */
export const backendGrantSchema = z.object({
  ...backendAccessGrantSchema.shape,
  sid: z.string(),
  user_id: z.string(),
  tenant_id: z.string(),
  generation: z.number(),
  token: z.string(),
  rotate_in: z.number(),
  idle_timeout_in: z.number().nullable(),
  claims,
  server_time: z.number(),
  now: optionalNumber,
}) satisfies z.ZodType<BackendGrant>;

const sessionStatus = z.discriminatedUnion('alive', [
  z.object({ sid: z.string(), alive: z.literal(true), ...lifetime }),
  z.object({ sid: z.string(), alive: z.literal(false), reason }),
]) satisfies z.ZodType<BackendSessionStatus>;

/** Schema of the payload of `heartbeat`. */
export const heartbeatSchema = z.object({ ...cursor, now: optionalNumber }) satisfies z.ZodType<
  RevocationCursor & WithServiceTime
>;

/** Schema of {@link RevocationBatch}. */
export const revocationBatchSchema = z.object({
  ...cursor,
  kind: z.enum(['delta', 'snapshot']),
  // `seq` is 0 for an entry whose number was lost with a database that was restored; the session has ended all the same.
  entries: z.array(z.object({ seq: count, sid: z.string(), reason, until: optionalNumber, keep_in: z.number() })),
  part: count.default(0),
  parts: z.int().positive().default(1),
}) satisfies z.ZodType<RevocationBatch>;

const userSession = z.object({
  id: z.string(),
  user_id: z.string(),
  tenant_id: z.string(),
  claims,
  server_id: z.string(),
  connections: count,
  created_at: z.number(),
  updated_at: z.number(),
}) satisfies z.ZodType<UserSessionState>;

/** Schema of the payload of `user_session`, an array of {@link PresenceChange}. */
export const presenceChangesSchema = z.array(
  z.object({ change: z.enum(['creation', 'update', 'deletion']), session: userSession }),
) satisfies z.ZodType<Omit<PresenceChange, 'server_id'>[]>;

const tenantLimits = z.object({
  tenant_id: z.string(),
  max_active_minutes: minutes,
  max_idle_minutes: minutes,
  active_minutes: z.number(),
  idle_minutes: minutes,
}) satisfies z.ZodType<TenantLimits>;

/** Schema of the payload of `tenant_changed`. */
export const tenantChangeSchema = z.object({ tenant_id: z.string() }) satisfies z.ZodType<
  Pick<TenantLimits, 'tenant_id'>
>;

const subscribeResponse = z.object({
  now: optionalNumber,
  feed: revocationBatchSchema,
  // Absent: the next heartbeat says how fresh the list is.
  feed_age_ms: z.number().nonnegative().default(Number.POSITIVE_INFINITY),
  tenants_seq: optionalNumber,
  issuer: z.string().optional().catch(undefined),
  audience: z.string().optional().catch(undefined),
}) satisfies z.ZodType<BackendSubscribeResponse>;

/** Answers to calls, as backends read them. */
export const backendDataSchemas = {
  exchange: backendGrantSchema,
  confirm: z.null(),
  refresh: backendAccessGrantSchema,
  logout: z.object({ ended: z.number() }),
  sessions: z.object({ sessions: z.array(sessionStatus) }),
  presence: z.null(),
  activity: z.null(),
  tenant_get: tenantLimits,
  tenant_set: tenantLimits,
  introspect: introspectionSchema,
  subscribe: subscribeResponse,
  presence_list: z.object({ user_sessions: z.array(userSession), more: z.boolean() }) satisfies z.ZodType<PresencePage>,
} satisfies { [K in keyof BackendToServiceEvents]: z.ZodType<BackendCallData<K>> };

/** {@link BackendCallData} with the defaults that its schema sets. */
export type BackendData<K extends keyof BackendToServiceEvents> = z.output<(typeof backendDataSchemas)[K]>;

const ackError = z.object({
  code: z.string(),
  message: z.string().optional(),
  retry_after_ms: z.number().optional(),
  details: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  verified: z.boolean().optional(),
  now: optionalNumber,
});

/** The error of an acknowledgement. Its code may be one that this version does not know. */
export type BackendAckError = z.output<typeof ackError>;

/** The acknowledgement of any call; its data is read by one of {@link backendDataSchemas}. */
export const backendAckSchema = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), data: z.unknown() }),
  z.object({ ok: z.literal(false), error: ackError }),
]);

/** A longer drain is not believed: the connection is needed. */
const maxDrainMs = 300_000;

/** Schema of {@link ServerDrain}. */
export const serverDrainSchema = z
  .object({
    reconnect_after_ms: z
      .number()
      .min(0)
      .transform((delayMs) => Math.min(delayMs, maxDrainMs)),
  })
  .catch({ reconnect_after_ms: 0 });
