import { sql } from 'kysely';
import type { Db } from '../../db/schema.ts';

/**
 * Leaves the id, the tenant and the time of the deletion: sessions and the audit name the id. The address and the external id
 * are free again.
 *
 * @returns false when there is no such user
 */
export async function deleteUser(tx: Db, id: string): Promise<boolean> {
  const { rows } = await sql`/* name: delete_user */
    UPDATE users SET email = NULL, email_key = NULL, email_skeleton = NULL, email_verified_at = NULL, password_hash = NULL,
      external_id = NULL, name = NULL, picture = NULL, locale = NULL, profile = DEFAULT, user_metadata = DEFAULT,
      app_metadata = DEFAULT, password_change_required = DEFAULT, operator = DEFAULT, disabled_at = NULL, taken_over_at = NULL,
      created_at = now(), deleted_at = now()
    WHERE id = ${id}::uuid AND deleted_at IS NULL RETURNING id`.execute(tx);
  return rows.length > 0;
}
