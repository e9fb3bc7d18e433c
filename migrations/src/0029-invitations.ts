import { type Kysely, sql } from 'kysely';

const statements = [
  // Address, name and metadata belong to the user once the invitation was accepted, and are erased here.
  `CREATE TABLE invitations (
    id uuid PRIMARY KEY,
    tenant_id text NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    email text,
    name text,
    operator boolean NOT NULL DEFAULT false,
    app_metadata jsonb NOT NULL DEFAULT '{}',
    mailed boolean NOT NULL,
    token_id uuid REFERENCES one_time_tokens (id) ON DELETE SET NULL,
    invited_by uuid REFERENCES users (id) ON DELETE SET NULL,
    accepted_by uuid REFERENCES users (id) ON DELETE SET NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL,
    accepted_at timestamptz,
    revoked_at timestamptz,
    CONSTRAINT invitations_erased CHECK ((email IS NULL) = (accepted_at IS NOT NULL)),
    CONSTRAINT invitations_ended CHECK (accepted_at IS NULL OR revoked_at IS NULL)
  )`,
  `CREATE INDEX invitations_by_creation ON invitations (created_at, id)`,
  `CREATE INDEX invitations_by_token ON invitations (token_id) WHERE token_id IS NOT NULL`,
  `CREATE INDEX invitations_by_address ON invitations (tenant_id, email) WHERE accepted_at IS NULL AND revoked_at IS NULL`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
