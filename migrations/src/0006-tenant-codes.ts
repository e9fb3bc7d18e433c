import { type Kysely, sql } from 'kysely';

const statements = [
  // Changes when all users of the tenant are signed out. Codes that were made before are invalid.
  `ALTER TABLE tenants ADD COLUMN code_version integer NOT NULL DEFAULT 1`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
