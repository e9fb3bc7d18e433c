import { type Kysely, sql } from 'kysely';

// The command line has no user. Without this, its invitations would look like those of an operator whose user was deleted.
const statement = 'ALTER TABLE invitations ADD COLUMN by_command_line boolean NOT NULL DEFAULT false';

export async function up(db: Kysely<unknown>): Promise<void> {
  await sql.raw(statement).execute(db);
}
