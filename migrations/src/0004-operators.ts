import { type Kysely, sql } from 'kysely';

const statements = [
  // The first operator's one-time invitation: a hash, and the user who used it.
  `CREATE TABLE operator_invites (
    hash bytea PRIMARY KEY CHECK (octet_length(hash) = 32),
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    used_by uuid REFERENCES users (id),
    CONSTRAINT operator_invites_used CHECK ((used_at IS NULL) = (used_by IS NULL))
  )`,
  // What happened in each minute, added up by every node from time to time.
  `CREATE TABLE traffic (
    minute timestamptz PRIMARY KEY,
    rotations bigint NOT NULL DEFAULT 0,
    logins bigint NOT NULL DEFAULT 0
  )`,
  // Lists of operators go by these, page after page.
  `CREATE INDEX users_by_creation ON users (created_at, id)`,
  `CREATE INDEX users_by_address ON users (coalesce(email_key, lower(email)) text_pattern_ops)`,
  `CREATE INDEX users_operators ON users (id) WHERE operator`,
  `CREATE INDEX sessions_by_creation ON sessions (created_at, sid)`,
  `CREATE INDEX sessions_by_tenant ON sessions (tenant_id, created_at, sid)`,
  `CREATE INDEX audit_by_tenant ON audit (tenant_id, id)`,
  `CREATE INDEX audit_by_action ON audit (action, id)`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
