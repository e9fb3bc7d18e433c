import { type Kysely, sql } from 'kysely';

const statements = [
  // A secret that no running node has had for a day is retired, and its tokens are invalid.
  `ALTER TABLE secrets ADD COLUMN last_seen timestamptz NOT NULL DEFAULT now()`,
  `ALTER TABLE secrets ADD COLUMN missing_since timestamptz`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
