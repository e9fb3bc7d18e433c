/** Rows that one statement deletes at most, so that it locks nothing for long. */
export const maxDeletedRows = 1_000;

/**
 * Repeats a statement that deletes `maxDeletedRows` rows at most, until it finds fewer. Callers without a session can cause such
 * rows faster than one statement an interval deletes them.
 *
 * @returns how many rows were deleted
 * @example
 * await deleteInPieces(async () => (await sql`DELETE …`.execute(db)).rows.length);
 */
export async function deleteInPieces(statement: () => Promise<number>): Promise<number> {
  for (let deleted = 0; ; ) {
    const count = await statement();
    deleted += count;
    if (count < maxDeletedRows) return deleted;
  }
}
