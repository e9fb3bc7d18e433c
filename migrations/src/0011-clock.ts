import { type Kysely, sql } from 'kysely';

export async function up(db: Kysely<unknown>): Promise<void> {
  // How late it was by the database's clock, at most 20 s ago, and how often signing keys were replaced because it went back.
  await sql`ALTER TABLE cluster
    ADD COLUMN clock_high timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN clock_resets integer NOT NULL DEFAULT 0`.execute(db);
}
