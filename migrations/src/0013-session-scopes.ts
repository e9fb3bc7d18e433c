import { type Kysely, sql } from 'kysely';

/** Scopes that the sign-in asked for; NULL, also for sessions of before: everything that the user may have. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`ALTER TABLE sessions ADD COLUMN scope text`.execute(db);
}
