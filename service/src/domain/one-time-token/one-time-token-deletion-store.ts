import { sql } from 'kysely';
import { deleteInPieces, maxDeletedRows } from '../../db/delete-in-pieces.ts';
import type { Db } from '../../db/schema.ts';

/**
 * Tokens of a user, and those of its addresses that no user has yet, locked to the end of the transaction.
 *
 * @param of.isOwner false: invitations to its addresses that can still be accepted are left out
 */
export async function lockOfUser(
  tx: Db,
  {
    id,
    tenantId,
    emailKeys,
    isOwner,
  }: { id: string; tenantId: string; emailKeys: readonly string[]; isOwner: boolean },
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`/* name: lock_one_time_tokens_of_user */
    SELECT id FROM one_time_tokens
    WHERE uid = ${id}::uuid OR (tenant_id = ${tenantId} AND email_key = ANY(${emailKeys}::text[]) AND uid IS NULL
      AND (purpose <> 'accept_invitation' OR consumed_at IS NOT NULL OR ${isOwner}::boolean))
    ORDER BY id FOR UPDATE`.execute(tx);
  return rows.map((row) => row.id);
}

export async function deleteTokens(tx: Db, ids: readonly string[]): Promise<void> {
  await sql`/* name: delete_one_time_tokens */ DELETE FROM one_time_tokens WHERE id = ANY(${ids}::uuid[])`.execute(tx);
}

/** Deletes what ended a day ago. */
export function deleteEndedTokens(db: Db): Promise<number> {
  return deleteInPieces(async () => {
    const { rows } = await sql`/* name: delete_ended_one_time_tokens */
    DELETE FROM one_time_tokens WHERE id IN (SELECT id FROM one_time_tokens
      WHERE expires_at < clock_timestamp() - interval '1 day' ORDER BY expires_at LIMIT ${sql.lit(maxDeletedRows)})
    RETURNING id`.execute(db);
    return rows.length;
  });
}
