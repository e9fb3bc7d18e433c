import { z } from 'zod';
import type { AdminSubscribe } from '../admin.ts';
import type { AuthenticateWithCode, AuthenticateWithToken, ClientToServerEvents } from '../socket.ts';
import type { UsersSubscribe } from '../users.ts';
import { credentialSchema, exchangeFields, logoutScopeSchema, scopeSchema } from './values.ts';

type Payload<K extends keyof ClientToServerEvents> = Exclude<Parameters<ClientToServerEvents[K]>[0], string>;

/** Either `code` or `token`. */
export const authenticatePayloadSchema = z
  .strictObject({ ...exchangeFields, code: credentialSchema.optional(), token: credentialSchema.optional() })
  .refine(({ code, token }) => (code === undefined) !== (token === undefined), {
    ...{ path: ['token'], error: 'send either token, or code' },
  }) satisfies z.ZodType<Omit<AuthenticateWithCode & AuthenticateWithToken, 'code' | 'token'>>;

/** Schema of the payload of `refresh`. */
export const refreshPayloadSchema = z.strictObject({
  admin: z.boolean().optional(),
  scope: scopeSchema.optional(),
}) satisfies z.ZodType<Payload<'refresh'>>;

/** Schema of the payload of `logout`. */
export const logoutPayloadSchema = z.strictObject({
  scope: logoutScopeSchema.optional(),
  token: credentialSchema.optional(),
}) satisfies z.ZodType<Payload<'logout'>>;

/** Schema of the payload of `activity`. */
export const activityPayloadSchema = z.strictObject({}) satisfies z.ZodType<Payload<'activity'>>;

/** Schema of {@link AdminSubscribe}. */
export const adminSubscribeSchema = z.strictObject({
  access_token: credentialSchema,
}) satisfies z.ZodType<AdminSubscribe>;

/** Schema of {@link UsersSubscribe}. */
export const usersSubscribeSchema = z.strictObject({
  cursor: z.string().optional(),
}) satisfies z.ZodType<UsersSubscribe>;
