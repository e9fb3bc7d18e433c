import { type Kysely, sql } from 'kysely';

const statements = [
  `CREATE TABLE tenant_logos (
    tenant_id text PRIMARY KEY REFERENCES tenants ON DELETE CASCADE,
    hash text NOT NULL,
    type text NOT NULL CHECK (type IN ('png', 'webp')),
    bytes bytea NOT NULL CHECK (octet_length(bytes) <= 65536)
  )`,
  'CREATE INDEX tenant_logos_by_hash ON tenant_logos (hash)',
];

/** The image that the pages and mails of a tenant show. The rest of its brand is in `tenants.brand`. */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
