import { type Kysely, sql } from 'kysely';

/**
 * The format and the parameters of each password hash, to find which of them accounts have. Alphabetic jumps from one to
 * the next read one row of each.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`SET LOCAL statement_timeout = 0`.execute(db);
  await sql
    .raw(
      String.raw`CREATE INDEX users_by_hash_cost ON users
        (substring(password_hash from '^(\$2[aby]\$[0-9]{2}|\$.*(?=\$[^$]*\$[^$]*$))'))`,
    )
    .execute(db);
}
