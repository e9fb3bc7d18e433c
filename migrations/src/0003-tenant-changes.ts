import { type Kysely, sql } from 'kysely';

const statements = [
  // Changes of limits are numbered in commit order: the head's row is the last lock of the transaction that takes one.
  `CREATE TABLE tenant_head (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    seq bigint NOT NULL DEFAULT 0
  )`,
  `INSERT INTO tenant_head DEFAULT VALUES`,
  `ALTER TABLE tenants ADD COLUMN limits_seq bigint NOT NULL DEFAULT 0`,
  `CREATE INDEX tenants_by_limits_seq ON tenants (limits_seq)`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
