import { type Kysely, sql } from 'kysely';

const statements = [
  // Tables may be large by now; usual statements get two seconds.
  `SET LOCAL statement_timeout = 0`,
  // Indexes for filters of the operators' lists whose rows are sparse in the order of the list.
  `CREATE INDEX users_by_tenant ON users (tenant_id, created_at, id)`,
  `CREATE INDEX users_disabled ON users (created_at, id) WHERE disabled_at IS NOT NULL`,
  `CREATE INDEX audit_by_tenant_action ON audit (tenant_id, action, id)`,
  // The lists by name have one order on every database, whatever its language.
  `CREATE INDEX tenants_in_order ON tenants (id COLLATE "C")`,
  `CREATE INDEX backends_in_order ON backends (id COLLATE "C")`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
