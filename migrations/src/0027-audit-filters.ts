import { type Kysely, sql } from 'kysely';

/** What happened to a session, and what happened within a time. */
const statements = [
  'CREATE INDEX audit_by_session ON audit (sid, id) WHERE sid IS NOT NULL',
  'CREATE INDEX audit_by_time ON audit (at, id)',
];

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`SET LOCAL statement_timeout = 0`.execute(db);
  for (const statement of statements) await sql.raw(statement).execute(db);
}
