import { type Failure, fail } from '@latchkey/contract';
import { sql } from 'kysely';
import { columnsSql } from '../../db/columns.ts';
import type { Db } from '../../db/schema.ts';
import type { ExternalUser, User } from './user.ts';

export const userColumns = [
  'id',
  'tenant_id as tenantId',
  'email',
  'email_key as emailKey',
  'email_verified_at as emailVerifiedAt',
  'name',
  'picture',
  'locale',
  'user_metadata as userMetadata',
  'app_metadata as appMetadata',
  'password_change_required as passwordChangeRequired',
  'external_id as externalId',
  'profile',
  'operator',
  'credential_version as credentialVersion',
  'disabled_at as disabledAt',
  'created_at as createdAt',
] as const;

export interface UserWithHash {
  readonly user: User;
  readonly hash: string | null;
}

/** A new user whose address and password were accepted. */
export interface PreparedUser extends Pick<User, 'id' | 'tenantId' | 'profile'> {
  readonly email: string;
  readonly emailKey: string;
  readonly emailSkeleton: string | null;
  readonly passwordHash: string;
  readonly name?: string | null | undefined;
  readonly appMetadata?: User['appMetadata'] | undefined;
}

/** @throws identifier_taken · invalid_request text that the database cannot hold */
export async function insertUser(db: Db, user: PreparedUser): Promise<User> {
  return db
    .insertInto('users')
    .values({
      id: user.id,
      tenant_id: user.tenantId,
      email: user.email,
      email_key: user.emailKey,
      email_skeleton: user.emailSkeleton,
      password_hash: user.passwordHash,
      profile: json(user.profile),
      name: user.name,
      app_metadata: user.appMetadata && json(user.appMetadata),
    })
    .returning(userColumns)
    .executeTakeFirstOrThrow()
    .then(frozen, rethrowAsFailure);
}

/**
 * Inserts or updates a user by the external id. Members that are `undefined` keep their stored value, and so does an address
 * that is compared here.
 *
 * @returns `undefined` for a user who was taken over: the hook's answer is ignored
 */
export async function upsertExternalUser(
  db: Db,
  user: ExternalUser & Pick<User, 'id' | 'tenantId'>,
): Promise<User | undefined> {
  const { email } = user;
  const profile = user.profile && json(user.profile);
  const shown = sql<string | null>`CASE WHEN users.email_key IS NULL THEN ${email}::text ELSE users.email END`;
  return db
    .insertInto('users')
    .values({ id: user.id, tenant_id: user.tenantId, external_id: user.externalId, email, profile })
    .onConflict((conflict) =>
      // The external id is set to itself so that there is a row to return when nothing else was given.
      conflict
        .constraint('users_external_unique')
        .doUpdateSet({ external_id: user.externalId, email: email === undefined ? undefined : shown, profile })
        .where('users.taken_over_at', 'is', null),
    )
    .returning(userColumns)
    .executeTakeFirst()
    .then(frozen, rethrowAsFailure);
}

/** A deleted user is not found. */
/** Locks the row of the user to the end of the transaction. */
export async function lockUser(tx: Db, id: string): Promise<User | undefined> {
  return tx
    .selectFrom('users')
    .select(userColumns)
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .forNoKeyUpdate()
    .executeTakeFirst()
    .then((row) => row && frozen(row));
}

export async function findUser(db: Db, id: string): Promise<UserWithHash | undefined> {
  const columns = [...userColumns, 'password_hash as hash'] as const;
  return withHash(
    await db
      .selectFrom('users')
      .select(columns)
      .where('id', '=', id)
      .where('deleted_at', 'is', null)
      .executeTakeFirst(),
  );
}

/** Returns the user of the first of the keys that has one. */
export async function findUserByEmail(
  db: Db,
  tenantId: string,
  keys: readonly string[],
): Promise<UserWithHash | undefined> {
  const { rows } = await sql<User & { hash: string | null }>`/* name: find_user_by_email */
    SELECT ${columnsSql(userColumns)}, password_hash AS hash FROM users WHERE tenant_id = ${tenantId} AND email_key = ANY(${keys}::text[])
    ORDER BY array_position(${keys}::text[], email_key) LIMIT 1`.execute(db);
  return withHash(rows[0]);
}

/** Does not wait. False: the row is locked, or the user is not as it was read. */
export async function tryLockUser(
  tx: Db,
  { id, credentialVersion }: Pick<User, 'id' | 'credentialVersion'>,
): Promise<boolean> {
  const { rows } = await sql`/* name: try_lock_user */
    SELECT FROM users WHERE id = ${id}::uuid AND credential_version = ${credentialVersion}::int AND deleted_at IS NULL
    FOR SHARE SKIP LOCKED`.execute(tx);
  return rows.length > 0;
}

/** Stores the same password under another hash, unless the password was changed meanwhile. */
export async function replaceHash(db: Db, id: string, change: { old: string; next: string }): Promise<void> {
  await db
    .updateTable('users')
    .set({ password_hash: change.next })
    .where('id', '=', id)
    .where('password_hash', '=', change.old)
    .execute();
}

export async function updatePassword(
  db: Db,
  { id, credentialVersion }: Pick<User, 'id' | 'credentialVersion'>,
  hash: string,
): Promise<User | undefined> {
  return db
    .updateTable('users')
    .set({ password_hash: hash, password_change_required: false, credential_version: credentialVersion + 1 })
    .where('id', '=', id)
    .where('credential_version', '=', credentialVersion)
    .returning(userColumns)
    .executeTakeFirst()
    .then(frozen);
}

/** Makes all codes of the user invalid that were issued before. */
export async function invalidateUserCodes(tx: Db, id: string): Promise<void> {
  await tx.updateTable('users').set({ credential_version: sql`credential_version + 1` }).where('id', '=', id).execute();
}

export async function disableUser(db: Db, id: string): Promise<User | undefined> {
  return db
    .updateTable('users')
    .set({
      disabled_at: sql`coalesce(disabled_at, now())`,
      credential_version: sql`credential_version + (disabled_at IS NULL)::int`,
    })
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .returning(userColumns)
    .executeTakeFirst()
    .then(frozen);
}

/** A user who is enabled again has to sign in: codes and sessions were ended. */
export async function enableUser(db: Db, id: string): Promise<User | undefined> {
  return db
    .updateTable('users')
    .set({ disabled_at: null })
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .returning(userColumns)
    .executeTakeFirst()
    .then(frozen);
}

/** Hooks of the host get it: what one of them changes must not reach the others. */
export const frozen = <T>(row: T): Readonly<T> => Object.freeze(row);

function withHash(row: (User & { readonly hash: string | null }) | undefined): UserWithHash | undefined {
  if (row === undefined) return undefined;
  const { hash, ...user } = row;
  return { user: frozen(user), hash };
}

export function json<T>(value: T) {
  return sql<T>`${JSON.stringify(value)}::text::jsonb`;
}

/** Unique address, unknown tenant, and a NUL that neither text nor jsonb can hold. */
export function rethrowAsFailure(error: unknown): never {
  throw findFailure(error) ?? error;
}

function findFailure(error: unknown): Failure | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, constraint } = error as { code?: unknown; constraint?: unknown };
  if (constraint === 'users_email_unique') return fail('identifier_taken', { cause: error });
  if (constraint === 'users_look_alike_unique')
    return fail('identifier_taken', {
      message: 'There is an account with an address that looks the same.',
      cause: error,
    });
  if (constraint === 'users_tenant_id_fkey') return fail('tenant_unknown', { cause: error });
  if (code === '22P05' || code === '22021') return fail('invalid_request', { cause: error });
  return undefined;
}
