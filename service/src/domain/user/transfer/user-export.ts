import type { Db } from '../../../db/schema.ts';

/** Which page of which users. */
export interface ExportRequest {
  readonly tenantId: string;
  /** Id of the last row of the page before. */
  readonly after: string;
  /** With the hashes of the passwords. */
  readonly withSecrets: boolean;
}

/** A user as `importUsers` takes it. */
type ExportedUser = Readonly<Record<string, unknown>>;

export interface ExportPage {
  readonly users: readonly ExportedUser[];
  /** Id of the last row; `null` after the last page. */
  readonly last: string | null;
}

const pageSize = 500;

const columns = [
  'id',
  'email',
  'email_verified_at',
  'external_id',
  'name',
  'picture',
  'locale',
  'profile',
  'user_metadata',
  'app_metadata',
  'password_hash',
  'password_change_required',
  'disabled_at',
  'created_at',
] as const;

/**
 * A page of the users of a tenant, in the order of their ids. The operator mark is not exported.
 *
 * @example const { users, last } = await exportUsers(db, { tenantId: 'default', after: nilUuid, withSecrets: false });
 */
export async function exportUsers(db: Db, { tenantId, after, withSecrets }: ExportRequest): Promise<ExportPage> {
  const rows = await db
    .selectFrom('users')
    .select(columns)
    .where('tenant_id', '=', tenantId)
    .where('id', '>', after)
    .where('deleted_at', 'is', null)
    .orderBy('id')
    .limit(pageSize)
    .execute();
  const users = rows.map(({ email_verified_at, disabled_at, created_at, password_hash, ...row }) => ({
    ...row,
    email_verified: email_verified_at !== null,
    disabled: disabled_at !== null,
    created_at: created_at.toISOString(),
    ...(withSecrets ? { password_hash } : {}),
  }));
  return { users, last: rows.length < pageSize ? null : rows.at(-1)!.id };
}
