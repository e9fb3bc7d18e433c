import { type Kysely, sql } from 'kysely';

/** Since when a user of a hook signs in here: the hook is not called for it any more. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE users ADD COLUMN taken_over_at timestamptz`.execute(db);
}
