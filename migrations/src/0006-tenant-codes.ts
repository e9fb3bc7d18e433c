import { type Kysely, sql } from 'kysely';

const statements = [
  // Moves when everybody in the tenant is signed out: codes that were made before open nothing.
  `ALTER TABLE tenants ADD COLUMN code_version integer NOT NULL DEFAULT 1`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
