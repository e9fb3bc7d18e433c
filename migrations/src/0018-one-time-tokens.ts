import { type Kysely, sql } from 'kysely';

const statements = [
  // A request of a caller without an account is a row with an address alone. A row whose mail is prepared has a link, a code, or both.
  `CREATE TABLE one_time_tokens (
    id uuid PRIMARY KEY,
    purpose text NOT NULL,
    tenant_id text NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    uid uuid REFERENCES users (id) ON DELETE CASCADE,
    email text,
    email_key text,
    secret_hash bytea UNIQUE CHECK (octet_length(secret_hash) = 32),
    ticket_hash bytea CHECK (octet_length(ticket_hash) = 32),
    code_mac bytea CHECK (octet_length(code_mac) = 32),
    credential_version integer,
    data bytea,
    wrap_kid text,
    attempts integer NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz NOT NULL,
    consumed_at timestamptz,
    CONSTRAINT one_time_tokens_data CHECK ((data IS NULL) = (wrap_kid IS NULL)),
    CONSTRAINT one_time_tokens_user CHECK (uid IS NULL OR credential_version IS NOT NULL)
  )`,
  `CREATE INDEX one_time_tokens_by_ticket ON one_time_tokens (ticket_hash) WHERE ticket_hash IS NOT NULL`,
  `CREATE INDEX one_time_tokens_by_user ON one_time_tokens (uid) WHERE uid IS NOT NULL`,
  `CREATE INDEX one_time_tokens_by_address ON one_time_tokens (tenant_id, email_key, purpose)`,
  `CREATE INDEX one_time_tokens_requested ON one_time_tokens (created_at)
    WHERE secret_hash IS NULL AND code_mac IS NULL AND consumed_at IS NULL`,
  `CREATE INDEX one_time_tokens_by_expiry ON one_time_tokens (expires_at)`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
