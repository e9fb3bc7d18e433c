import { z } from 'zod';
import type { AdminSubscribe } from '../admin.ts';
import { fail } from '../failure.ts';
import type { AuthenticateWithCode, AuthenticateWithToken, ClientToServerEvents } from '../socket.ts';
import type { UsersSubscribe } from '../users.ts';
import { credentialSchema, exchangeFields, logoutScopeSchema, scopeSchema } from './values.ts';

type Payload<K extends keyof ClientToServerEvents> = Exclude<Parameters<ClientToServerEvents[K]>[0], string>;

/** Either `code` or `token`. */
export const authenticatePayloadSchema = z
  .strictObject({ ...exchangeFields, code: credentialSchema.optional(), token: credentialSchema.optional() })
  .refine(({ code, token }) => (code === undefined) !== (token === undefined)) satisfies z.ZodType<
  Omit<AuthenticateWithCode & AuthenticateWithToken, 'code' | 'token'>
>;

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
export const usersSubscribeSchema = z.object({ cursor: z.string().optional() }) satisfies z.ZodType<UsersSubscribe>;

const maxDetails = 5;

/**
 * Parses the payload of a socket event. The failure has the paths of invalid fields, never their values.
 *
 * @throws invalid_request
 */
export function parsePayload<T>(schema: z.ZodType<T>, payload: unknown): T {
  const parsed = schema.safeParse(payload);
  if (parsed.success) return parsed.data;
  const details = parsed.error.issues.slice(0, maxDetails).map(({ path, code }) => ({
    path: path.join('.'),
    message: code === 'unrecognized_keys' ? 'unknown key' : code,
  }));
  throw fail('invalid_request', { details });
}
