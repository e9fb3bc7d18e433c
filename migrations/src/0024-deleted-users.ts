import { type Kysely, sql } from 'kysely';

/** What is erased with a user is found by the user. */
const statements = [
  'CREATE INDEX sessions_ended_by_user ON sessions (uid) WHERE revoked_at IS NOT NULL',
  'CREATE INDEX mails_by_user ON mails (uid) WHERE uid IS NOT NULL',
];

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`SET LOCAL statement_timeout = 0`.execute(db);
  for (const statement of statements) await sql.raw(statement).execute(db);
}
