import { type Kysely, sql } from 'kysely';

const statements = [
  // Of a secret only its SHA-256 is kept: 32 random bytes need no slow hash.
  `CREATE TABLE backends (
    id text PRIMARY KEY CHECK (id ~ '^[a-z0-9][a-z0-9_-]{0,62}$'),
    name text NOT NULL,
    secret_hash bytea NOT NULL CHECK (octet_length(secret_hash) = 32),
    previous_secret_hash bytea CHECK (octet_length(previous_secret_hash) = 32),
    tenant_id text REFERENCES tenants (id),
    scopes text[] NOT NULL,
    origins text[] NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    disabled_at timestamptz
  )`,
  // A server belongs to one backend: no other backend may use its id, and it is deleted with its backend.
  `ALTER TABLE servers ADD COLUMN backend_id text REFERENCES backends (id) ON DELETE CASCADE`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
