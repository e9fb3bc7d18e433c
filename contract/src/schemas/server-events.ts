import { z } from 'zod';
import type { AdminPresenceUpdate, AdminSubscribed } from '../admin.ts';
import type { PresenceChange } from '../backend.ts';
import type { SessionUser } from '../claims.ts';
import { type Authenticated, endReasons, type LoggedOut, type Refreshed, type SessionExpiring } from '../socket.ts';
import type { UsersChanged, UsersSubscribed } from '../users.ts';
import { presenceChangesSchema } from './backend.ts';
import { pageOf } from './page.ts';

const optionalNumber = z.number().optional();

/** Schema of {@link Refreshed}. */
export const refreshedSchema = z.object({
  access_token: z.string(),
  access_token_expires_in: z.number(),
  scope: z.string().optional(),
  refresh_in: z.number(),
}) satisfies z.ZodType<Refreshed>;

/** Schema of {@link SessionUser}, with the claims of the host's hook. */
export const sessionUserSchema = z.looseObject({ id: z.string(), tenant_id: z.string() }) satisfies z.ZodType<
  Pick<SessionUser, 'id' | 'tenant_id'>
>;

/** Schema of {@link Authenticated}. */
export const authenticatedSchema = refreshedSchema.extend({
  token: z.string(),
  token_expires_in: z.number(),
  rotate_in: z.number(),
  session: z.object({ id: z.string(), expires_in: z.number(), idle_timeout_in: z.number().nullable() }),
  user: sessionUserSchema,
  server_time: z.number(),
  now: optionalNumber,
}) satisfies z.ZodType<Authenticated>;

/** Schema of {@link LoggedOut}. */
export const loggedOutSchema = z.object({ reason: z.enum(endReasons) }) satisfies z.ZodType<LoggedOut>;

/** Schema of {@link SessionExpiring}. */
export const sessionExpiringSchema = z.object({
  in_seconds: z.number(),
  reason: z.enum(['idle_timeout', 'expired']),
}) satisfies z.ZodType<SessionExpiring>;

/** Schema of {@link AdminSubscribed}. */
export const adminSubscribedSchema = z.object({ expires_in: z.number() }) satisfies z.ZodType<AdminSubscribed>;

/** Schema of {@link PresenceChange}. */
export const presenceChangeSchema = presenceChangesSchema.element.extend({
  server_id: z.string(),
}) satisfies z.ZodType<PresenceChange>;

/** Schema of {@link AdminPresenceUpdate}. */
export const adminPresenceUpdateSchema = z.object({
  changes: z.array(presenceChangeSchema),
  refetch: z.boolean(),
}) satisfies z.ZodType<AdminPresenceUpdate>;

const onlineUser = z.looseObject({ user_id: z.string() });

/** Schema of {@link UsersSubscribed}. */
export const usersSubscribedSchema = pageOf('users', onlineUser) satisfies z.ZodType<UsersSubscribed>;

/** Schema of {@link UsersChanged}. */
export const usersChangedSchema = z.object({
  online: z.array(onlineUser),
  offline: z.array(z.string()),
}) satisfies z.ZodType<UsersChanged>;
