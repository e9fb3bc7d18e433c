import { randomUUID } from 'node:crypto';
import { domainToASCII } from 'node:url';
import { parseInput } from '@latchkey/contract/schemas';
import { z } from 'zod';
import { canonicalLocale } from '../../../base/locale.ts';
import { isDisplayName, isMetadata, isPictureUrl, isStorable } from '../../../base/profile-values.ts';
import { isStorableTime } from '../../../base/storable-time.ts';
import { splitEmail } from '../canonical-email.ts';
import { keycloakCredential, toStoredHash } from '../hash/foreign-hash.ts';
import { legacyIdentifierKey, parseNewIdentifier } from '../identifier.ts';

const metadata = z.custom<Record<string, unknown>>(isMetadata, 'has to be a JSON object of at most 16 KB').nullish();

/** One user of another system. What is absent or `null` is not known. */
const importRow = z
  .strictObject({
    id: z.uuid('has to be a UUID').toLowerCase().nullish(),
    email: z.string().max(254).nullish(),
    email_verified: z.boolean().nullish(),
    external_id: z.string().min(1).max(255).refine(isStorable, 'has unusable characters').nullish(),
    name: z.string().refine(isDisplayName, 'has to be at most 200 characters, and no control characters').nullish(),
    picture: z.string().refine(isPictureUrl, 'has to be an https URL').nullish(),
    locale: z
      .string()
      .transform(canonicalLocale)
      .refine((locale) => locale !== undefined, 'has to be a language tag (BCP 47)')
      .nullish(),
    profile: metadata,
    user_metadata: metadata,
    app_metadata: metadata,
    password_hash: z.union([z.string(), keycloakCredential], 'has to be a text, or a credential of Keycloak').nullish(),
    password_change_required: z.boolean().nullish(),
    disabled: z.boolean().nullish(),
    created_at: z.iso
      .datetime({ offset: true, error: 'has to be a time of ISO 8601' })
      .refine(isStorableTime, 'has to be of the years 1970 to 9999')
      .transform((time) => new Date(time).toISOString())
      .nullish(),
  })
  .refine((row) => row.email != null || row.external_id != null, {
    path: ['email'],
    message: 'has to be there, or external_id',
  });

export type ImportFields = z.input<typeof importRow>;
type ImportRow = z.output<typeof importRow>;

/** A row that was accepted, as the statement takes it. */
export interface PreparedImport {
  readonly id: string;
  readonly email: string | null;
  readonly emailKey: string | null;
  /** All keys under which an account may have the mailbox. */
  readonly keys: readonly string[];
  readonly emailSkeleton: string | null;
  readonly emailVerified: boolean;
  readonly externalId: string | null;
  readonly passwordHash: string | null;
  readonly passwordChangeRequired: boolean;
  readonly name: string | null;
  readonly picture: string | null;
  readonly locale: string | null;
  readonly profile: Readonly<Record<string, unknown>>;
  readonly userMetadata: Readonly<Record<string, unknown>>;
  readonly appMetadata: Readonly<Record<string, unknown>>;
  readonly disabled: boolean;
  readonly createdAt: string | null;
}

/**
 * Judges a row: addresses by the rules of sign-up, hashes by format and cost. Members that are not known are refused, the
 * operator mark among them.
 *
 * @throws invalid_request with what is wrong in `details`
 */
export function parseImportRow(given: unknown, options: { readonly allowWeakHashes: boolean }): PreparedImport {
  const row = parseInput(importRow, given);
  const hash = row.password_hash ?? null;
  return {
    id: row.id ?? randomUUID(),
    ...prepareAddress(row),
    externalId: row.external_id ?? null,
    passwordHash: hash === null ? null : toStoredHash(hash, { allowWeak: options.allowWeakHashes }),
    passwordChangeRequired: row.password_change_required ?? false,
    name: row.name ?? null,
    picture: row.picture ?? null,
    locale: row.locale ?? null,
    profile: row.profile ?? {},
    userMetadata: row.user_metadata ?? {},
    appMetadata: row.app_metadata ?? {},
    disabled: row.disabled ?? false,
    createdAt: row.created_at ?? null,
  };
}

const noAddress = { email: null, emailKey: null, emailSkeleton: null, emailVerified: false, keys: [] };

function prepareAddress({ email: given, email_verified }: ImportRow) {
  if (given == null) return noAddress;
  const { email, key, skeleton } = parseNewIdentifier(given);
  const [local, domain = ''] = splitEmail(key);
  const keys = [...new Set([key, legacyIdentifierKey(given), `${local}@${domainToASCII(domain)}`])];
  return { email, emailKey: key, emailSkeleton: skeleton, emailVerified: email_verified ?? false, keys };
}
