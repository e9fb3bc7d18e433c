import { type Kysely, sql } from 'kysely';

/**
 * Trigrams of addresses and names, for a search of any part of them. Where the extension is missing, or may not be created,
 * there is no index, and a search examines users page by page.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`SET LOCAL statement_timeout = 0`.execute(db);
  await sql
    .raw(`DO $$ BEGIN
      CREATE EXTENSION IF NOT EXISTS pg_trgm;
      CREATE INDEX users_by_text ON users
        USING gin (lower(coalesce(email, '') || ' ' || coalesce(name, '')) gin_trgm_ops) WHERE deleted_at IS NULL;
    EXCEPTION WHEN insufficient_privilege OR undefined_file OR undefined_object OR feature_not_supported THEN
      RAISE NOTICE 'users_by_text was not created: %', SQLERRM;
    END $$`)
    .execute(db);
}
