import { type RawBuilder, sql } from 'kysely';
import { columnsSql } from '../../db/columns.ts';
import type { Db } from '../../db/schema.ts';
import type { User } from './user.ts';
import { frozen, rethrowAsFailure, userColumns } from './user-store.ts';

/** An address that was accepted, with its keys. */
export interface AcceptedAddress {
  readonly email: string;
  readonly key: string;
  readonly skeleton: string | null;
}

const columns = columnsSql(userColumns);

/** Assignments that erase what a user writes of itself, where the condition holds. All right sides see the row as it was. */
function eraseOwnTextsIf(condition: RawBuilder<unknown>) {
  const texts = ['name', 'picture', 'locale'].map((column) => {
    const name = sql.ref(column);
    return sql`${name} = CASE WHEN NOT (${condition}) THEN ${name} END`;
  });
  const objects = ['profile', 'user_metadata'].map((column) => {
    const name = sql.ref(column);
    return sql`${name} = CASE WHEN ${condition} THEN '{}' ELSE ${name} END`;
  });
  return sql.join([...texts, ...objects]);
}

/**
 * At the first proof of an address, if there was a password: another user may have signed up with the address, and set both.
 * Without one there was no sign-in, and administrators wrote what is there.
 */
const erasedByFirstProof = eraseOwnTextsIf(sql.raw('email_verified_at IS NULL AND password_hash IS NOT NULL'));

/** A new password from a link: the address is proved with it. Codes that were issued before become invalid. */
export async function resetPassword(tx: Db, id: string, hash: string): Promise<User | undefined> {
  const { rows } = await sql<User>`/* name: reset_password */
    UPDATE users SET password_hash = ${hash}, password_change_required = false, credential_version = credential_version + 1,
      email_verified_at = coalesce(email_verified_at, clock_timestamp()), ${erasedByFirstProof}
    WHERE id = ${id}::uuid AND disabled_at IS NULL RETURNING ${columns}`.execute(tx);
  return rows[0] && frozen(rows[0]);
}

export async function verifyEmail(tx: Db, id: string): Promise<User | undefined> {
  const { rows } = await sql<User>`/* name: verify_email */
    UPDATE users SET email_verified_at = coalesce(email_verified_at, clock_timestamp())
    WHERE id = ${id}::uuid AND disabled_at IS NULL RETURNING ${columns}`.execute(tx);
  return rows[0] && frozen(rows[0]);
}

/**
 * The first proof of an address by its owner: the password and the profile of the one who typed it at sign-up go, and codes
 * become invalid.
 */
export async function takePossession(tx: Db, id: string): Promise<User | undefined> {
  const { rows } = await sql<User>`/* name: take_possession */
    UPDATE users SET password_hash = NULL, password_change_required = false, credential_version = credential_version + 1,
      email_verified_at = clock_timestamp(), ${erasedByFirstProof}
    WHERE id = ${id}::uuid AND disabled_at IS NULL AND email_verified_at IS NULL RETURNING ${columns}`.execute(tx);
  return rows[0] && frozen(rows[0]);
}

/** Another address, which was proved. @throws identifier_taken */
export async function setEmail(
  tx: Db,
  id: string,
  { email, key, skeleton }: AcceptedAddress,
): Promise<User | undefined> {
  const { rows } = await sql<User>`/* name: set_email */
    UPDATE users SET email = ${email}, email_key = ${key}, email_skeleton = ${skeleton}, email_verified_at = clock_timestamp(),
      credential_version = credential_version + 1
    WHERE id = ${id}::uuid AND disabled_at IS NULL RETURNING ${columns}`
    .execute(tx)
    .catch(rethrowAsFailure);
  return rows[0] && frozen(rows[0]);
}

/**
 * The address of before a change. The password goes, because the change was not the owner's. An account that was made meanwhile
 * with an address that looks the same does not keep the owner out.
 *
 * @throws identifier_taken
 */
export async function restoreEmail(
  tx: Db,
  id: string,
  { email, key, skeleton }: AcceptedAddress,
  { isFirstProof }: { isFirstProof: boolean },
): Promise<User | undefined> {
  const { rows } = await sql<User>`/* name: restore_email */
    UPDATE users u SET email = ${email}, email_key = ${key}, email_verified_at = clock_timestamp(),
      email_skeleton = CASE WHEN NOT EXISTS (SELECT FROM users o WHERE o.tenant_id = u.tenant_id AND o.id <> u.id
        AND o.email_skeleton = ${skeleton}::text) THEN ${skeleton}::text END,
      credential_version = credential_version + 1, password_hash = NULL, password_change_required = false,
      ${eraseOwnTextsIf(sql`${isFirstProof}::boolean`)}
    WHERE u.id = ${id}::uuid AND u.disabled_at IS NULL RETURNING ${columns}`
    .execute(tx)
    .catch(rethrowAsFailure);
  return rows[0] && frozen(rows[0]);
}
