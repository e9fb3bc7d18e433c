import { z } from 'zod';
import type { Introspection } from '../backend.ts';
import type {
  AccountActivity,
  AccountExport,
  CodeResponse,
  CurrentUser,
  EndedSessions,
  LinkInspection,
  MailSentResponse,
  SessionInfo,
  SessionsResponse,
  SignInOptions,
  SignInRequestResponse,
  TokenResponse,
} from '../http.ts';
import { adminSessionSchema, adminUserSchema } from './admin.ts';
import { brandedTenantSchema } from './brand.ts';
import { pageOf } from './page.ts';

const now = z.number().optional();

/** Schema of {@link CodeResponse}. */
export const codeResponseSchema = z.union([
  z.object({ code: z.string(), url: z.string().optional(), expires_in: z.number(), now }),
  z.object({ url: z.string(), expires_in: z.number(), now }),
]) satisfies z.ZodType<CodeResponse>;

/** Schema of {@link MailSentResponse}. */
export const mailSentResponseSchema = z.object({ expires_in: z.number(), now }) satisfies z.ZodType<MailSentResponse>;

/** Schema of the answer to `POST /register`. */
export const registerResponseSchema = z.union([codeResponseSchema, mailSentResponseSchema]);

/** Schema of {@link LinkInspection}. */
export const linkInspectionSchema = z.object({
  purpose: z.enum([
    'verify_email',
    'reset_password',
    'sign_in',
    'change_email',
    'undo_email_change',
    'accept_invitation',
  ]),
  email_hint: z.string().nullable(),
  tenant: brandedTenantSchema,
  expires_in: z.number(),
}) satisfies z.ZodType<LinkInspection>;

/** Schema of {@link SignInRequestResponse}. */
export const signInRequestResponseSchema = z.object({
  origin: z.string(),
  request: z.object({
    app: z.string(),
    code_challenge: z.string(),
    code_challenge_method: z.literal('S256'),
    state: z.string(),
    dpop_jkt: z.string().exactOptional(),
    scope: z.string().exactOptional(),
    tenant: z.string().exactOptional(),
  }),
}) satisfies z.ZodType<SignInRequestResponse>;

/** Schema of {@link SignInOptions}. */
export const signInOptionsSchema = z.object({
  tenant: brandedTenantSchema,
  registration_open: z.boolean(),
  email_sign_in: z.boolean(),
  mail_available: z.boolean(),
  password_min_length: z.number(),
}) satisfies z.ZodType<SignInOptions>;

/** Schema of {@link TokenResponse}. */
export const tokenResponseSchema = z.object({
  access_token: z.string(),
  token_type: z.enum(['Bearer', 'DPoP']),
  expires_in: z.number(),
  refresh_token: z.string(),
  scope: z.string().optional(),
  session_id: z.string(),
  now,
}) satisfies z.ZodType<TokenResponse>;

/** Schema of {@link Introspection}. */
export const introspectionSchema = z.looseObject({ active: z.boolean() }) satisfies z.ZodType<Introspection>;

/** Schema of {@link CurrentUser}. */
export const currentUserSchema = adminUserSchema
  .omit({ external_id: true, disabled_at: true, app_metadata: true, password_change_required: true })
  .extend({ session_id: z.string(), auth_time: z.number() }) satisfies z.ZodType<CurrentUser>;

const { id, browser, address_prefix, created_at, last_active_at, expires_at, online } = adminSessionSchema.shape;
const sessionInfo = z.object({
  ...{ id, browser, address_prefix, created_at, last_active_at, expires_at, online },
  current: z.boolean(),
}) satisfies z.ZodType<SessionInfo>;

/** Schema of {@link SessionsResponse}. */
export const sessionsResponseSchema = z.object({
  sessions: z.array(sessionInfo),
}) satisfies z.ZodType<SessionsResponse>;

const accountActivity = z.object({
  id: z.number(),
  at: z.string(),
  action: z.string(),
  session_id: z.string().nullable(),
  address_prefix: z.string().nullable(),
  by_administrator: z.boolean(),
  detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
}) satisfies z.ZodType<AccountActivity>;

/** Schema of a page of {@link AccountActivity}. */
export const accountActivityPageSchema = pageOf('activity', accountActivity);

/** Schema of {@link AccountExport}. */
export const accountExportSchema = sessionsResponseSchema.extend({
  user: currentUserSchema.extend({
    external_id: z.string().nullable(),
    app_metadata: z.record(z.string(), z.unknown()),
  }),
  activity: z.array(accountActivity),
}) satisfies z.ZodType<AccountExport>;

/** Schema of {@link EndedSessions}. */
export const endedSessionsSchema = z.object({ ended: z.number(), now }) satisfies z.ZodType<EndedSessions>;
