import { type Kysely, sql } from 'kysely';

const statements = [
  // Tables may be large by now; usual statements get two seconds.
  `SET LOCAL statement_timeout = 0`,
  // Lists, walks of a tenant and sign-ins read sessions that have not ended. Rows that ended leave these indexes.
  `DROP INDEX sessions_by_user`,
  `DROP INDEX sessions_by_creation`,
  `DROP INDEX sessions_by_tenant`,
  `CREATE INDEX sessions_live_by_user ON sessions (uid, created_at) WHERE revoked_at IS NULL`,
  `CREATE INDEX sessions_live_by_creation ON sessions (created_at, sid) WHERE revoked_at IS NULL`,
  `CREATE INDEX sessions_live_by_tenant ON sessions (tenant_id, created_at, sid) WHERE revoked_at IS NULL`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
