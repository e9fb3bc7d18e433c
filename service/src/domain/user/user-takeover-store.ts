import { sql } from 'kysely';
import { columnsSql } from '../../db/columns.ts';
import type { Db } from '../../db/schema.ts';
import type { User } from './user.ts';
import type { AcceptedAddress } from './user-address-store.ts';
import { frozen, rethrowAsFailure, userColumns } from './user-store.ts';

/** What a user of a hook gets here. */
export interface PreparedTakeover extends AcceptedAddress {
  readonly passwordHash: string;
  /** The other system proved that the user receives mail at the address. */
  readonly isVerified: boolean;
}

export async function isTakenOver(db: Db, tenantId: string, keys: readonly string[]): Promise<boolean> {
  const { rows } = await sql`/* name: is_taken_over */
    SELECT FROM users WHERE tenant_id = ${tenantId} AND email_key = ANY(${keys}::text[]) AND taken_over_at IS NOT NULL
    LIMIT 1`.execute(db);
  return rows.length > 0;
}

/**
 * Gives a user of a hook an address and a password of its own.
 *
 * @returns `undefined` for a user who is disabled, was taken over or has another address here
 * @throws identifier_taken
 */
export async function takeOverUser(tx: Db, id: string, prepared: PreparedTakeover): Promise<User | undefined> {
  const { email, key, skeleton, passwordHash, isVerified } = prepared;
  const { rows } = await sql<User>`/* name: take_over_user */
    UPDATE users SET email = ${email}, email_key = ${key}, email_skeleton = ${skeleton}, password_hash = ${passwordHash},
      email_verified_at = coalesce(email_verified_at, CASE WHEN ${isVerified}::boolean THEN clock_timestamp() END),
      taken_over_at = clock_timestamp()
    WHERE id = ${id}::uuid AND disabled_at IS NULL AND deleted_at IS NULL AND taken_over_at IS NULL
      AND (email_key IS NULL OR email_key = ${key}) RETURNING ${columnsSql(userColumns)}`
    .execute(tx)
    .catch(rethrowAsFailure);
  return rows[0] && frozen(rows[0]);
}
