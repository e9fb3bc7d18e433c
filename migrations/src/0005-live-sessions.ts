import { type Kysely, sql } from 'kysely';

const statements = [
  // How many sessions lived in that minute; NULL: no node counted.
  `ALTER TABLE traffic ADD COLUMN sessions bigint`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
