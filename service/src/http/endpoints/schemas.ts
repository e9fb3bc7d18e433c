import { askedAtSchema, credentialSchema, logoutScopeSchema } from '@latchkey/contract/schemas';
import { z } from 'zod';
import { canonicalLocale } from '../../base/locale.ts';
import { isDisplayName, isMetadata, isPictureUrl, isProfile, isStorable } from '../../base/profile-values.ts';

/** Text that can be stored, of at most `most` UTF-16 units. */
export const text = (maxLength: number) =>
  z.string().min(1).max(maxLength).refine(isStorable, 'has characters that cannot be stored');

/** When the caller asked, in ms of the database's clock. In a form a number is text. */
export const askedAt = z.preprocess(
  (value) => (typeof value === 'string' && /^\d{1,15}(\.\d+)?$/.test(value) ? Number(value) : value),
  askedAtSchema.optional(),
);

/** A user's profile: a JSON object of at most 8 KB and eight levels. */
export const profile = z
  .custom<Record<string, unknown>>(isProfile, 'has to be an object of at most 8 KB and eight levels')
  .meta({ type: 'object' });

/** What is known of a user. `null` clears a field, and what is absent stays as it is. */
export const profileFields = {
  name: z
    .string()
    .refine(isDisplayName, 'has to be 1 to 200 characters, and no control characters')
    .nullable()
    .optional(),
  picture: z.string().refine(isPictureUrl, 'has to be an https URL of at most 2,048 characters').nullable().optional(),
  locale: z
    .string()
    .transform(canonicalLocale)
    .refine((locale) => locale !== undefined, 'has to be a language tag (BCP 47)')
    .nullable()
    .optional(),
  user_metadata: z
    .custom<Record<string, unknown>>(isMetadata, 'has to be an object of at most 16 KB')
    .meta({ type: 'object' })
    .nullable()
    .optional(),
};

/** Display name of a user: one line. */
export const displayName = text(200).refine((value) => !/\p{Cc}/u.test(value), 'has control characters');

const passwordBytes = 1_024;

/** Any text; its worth is the flow's to judge. Longer than the limit of the rules is never hashed. */
export const password = text(passwordBytes).refine(
  (value) => Buffer.byteLength(value) <= passwordBytes,
  `has to have at most ${passwordBytes} bytes`,
);

export const logoutBody = z.strictObject({ scope: logoutScopeSchema.optional(), asked_at: askedAt });

export const passwordBody = z.strictObject({ current_password: password, new_password: password, asked_at: askedAt });

export const sessionParams = z.strictObject({ id: z.uuid() });

/** Keys that are not known are ignored. */
export const anyQuery = z.object({});

/** A field without a value is an absent one (RFC 6749 §3.1). */
export const withoutBlanks = (input: unknown): unknown =>
  typeof input === 'object' && input !== null && !Array.isArray(input)
    ? Object.fromEntries(Object.entries(input).filter(([, value]) => value !== ''))
    : input;

const revokeFields = {
  token: credentialSchema,
  // The hint is only a hint: the token says itself what it is.
  token_type_hint: text(64).optional(),
  client_id: text(256).optional(),
};

/** RFC 7009 §2.1. Fields that are not known are ignored (RFC 6749 §3.2). */
export const revokeBody = z.preprocess(withoutBlanks, z.object(revokeFields));

/** RFC 7662 §2.1. Fields that are not known are ignored. */
export const introspectBody = z.preprocess(
  withoutBlanks,
  z.object({ ...revokeFields, client_secret: text(256).optional() }),
);
