import { type Kysely, sql } from 'kysely';

const statements = [
  // Mails to send. Recipient and data are erased once a mail was sent, or cannot be.
  `CREATE TABLE mails (
    id uuid PRIMARY KEY,
    tenant_id text NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    token_id uuid REFERENCES one_time_tokens (id) ON DELETE SET NULL,
    uid uuid REFERENCES users (id) ON DELETE SET NULL,
    recipient text,
    template text NOT NULL,
    locale text,
    data bytea,
    wrap_kid text,
    tries integer NOT NULL DEFAULT 0,
    next_try_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    leased_until timestamptz,
    expires_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    sent_at timestamptz,
    failed_at timestamptz,
    failure text,
    CONSTRAINT mails_data CHECK ((data IS NULL) = (wrap_kid IS NULL)),
    CONSTRAINT mails_erased CHECK ((recipient IS NULL) = (sent_at IS NOT NULL OR failed_at IS NOT NULL)
      AND (recipient IS NOT NULL OR data IS NULL))
  )`,
  `CREATE INDEX mails_waiting ON mails (next_try_at) WHERE sent_at IS NULL AND failed_at IS NULL`,
  `CREATE INDEX mails_by_creation ON mails (created_at, id)`,
  `CREATE INDEX mails_by_token ON mails (token_id) WHERE token_id IS NOT NULL`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
