import { sql } from 'kysely';
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

/**
 * What a user writes of itself, erased at the first proof of an address if there was a password: another user may have
 * signed up with the address, and set both. Without one there was no sign-in, and administrators wrote what is there. All
 * right sides see the row as it was.
 */
const erasedByFirstProof = (() => {
  const isFirst = 'email_verified_at IS NULL AND password_hash IS NOT NULL';
  const texts = ['name', 'picture', 'locale'].map(
    (column) => `${column} = CASE WHEN NOT (${isFirst}) THEN ${column} END`,
  );
  const objects = ['profile', 'user_metadata'].map(
    (column) => `${column} = CASE WHEN ${isFirst} THEN '{}' ELSE ${column} END`,
  );
  return sql.raw([...texts, ...objects].join(', '));
})();

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

/**
 * Another address, which was proved.
 *
 * @param keepsPassword false: the password goes, because the change that is undone was not the owner's
 * @throws identifier_taken
 */
export async function setEmail(
  tx: Db,
  id: string,
  { email, key, skeleton }: AcceptedAddress,
  { keepsPassword }: { keepsPassword: boolean },
): Promise<User | undefined> {
  const { rows } = await sql<User>`/* name: set_email */
    UPDATE users SET email = ${email}, email_key = ${key}, email_skeleton = ${skeleton}, email_verified_at = clock_timestamp(),
      credential_version = credential_version + 1,
      password_hash = CASE WHEN ${keepsPassword}::boolean THEN password_hash END,
      password_change_required = password_change_required AND ${keepsPassword}::boolean
    WHERE id = ${id}::uuid AND disabled_at IS NULL RETURNING ${columns}`
    .execute(tx)
    .catch(rethrowAsFailure);
  return rows[0] && frozen(rows[0]);
}
