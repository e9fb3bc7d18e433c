import { type Kysely, sql } from 'kysely';

const statements = [
  // Tables may be large by now; usual statements get two seconds.
  `SET LOCAL statement_timeout = 0`,
  // Rows are deleted by the time of their end.
  `DROP INDEX sessions_by_end`,
  `CREATE INDEX sessions_by_revocation ON sessions (revoked_at, sid) WHERE revoked_at IS NOT NULL`,
  // The newest line of one action of one user, however much else was written about them.
  `CREATE INDEX audit_by_user_action ON audit (uid, action, id)`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
