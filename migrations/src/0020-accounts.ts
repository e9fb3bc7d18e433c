import { type Kysely, sql } from 'kysely';

const statements = [
  `ALTER TABLE users
    ADD COLUMN email_verified_at timestamptz,
    ADD COLUMN name text,
    ADD COLUMN picture text,
    ADD COLUMN locale text,
    ADD COLUMN user_metadata jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN app_metadata jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN password_change_required boolean NOT NULL DEFAULT false,
    ADD COLUMN deleted_at timestamptz,
    DROP CONSTRAINT users_identified,
    ADD CONSTRAINT users_identified CHECK (email_key IS NOT NULL OR external_id IS NOT NULL OR deleted_at IS NOT NULL)`,
  // What a tenant decides about the accounts in it. NULL: what the configuration says.
  `ALTER TABLE tenants
    ADD COLUMN email_verification text NOT NULL DEFAULT 'off'
      CHECK (email_verification IN ('off', 'optional', 'required')),
    ADD COLUMN email_sign_in boolean NOT NULL DEFAULT false,
    ADD COLUMN password_min_length integer CHECK (password_min_length BETWEEN 8 AND 64),
    ADD COLUMN allowed_domains text[] NOT NULL DEFAULT '{}',
    ADD COLUMN max_sessions integer CHECK (max_sessions >= 1),
    ADD COLUMN session_limit text NOT NULL DEFAULT 'end_oldest' CHECK (session_limit IN ('end_oldest', 'refuse')),
    ADD COLUMN brand jsonb,
    ADD COLUMN locale text,
    ADD COLUMN disabled_at timestamptz`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
