import { type Kysely, sql } from 'kysely';

/** Renames the reasons of ended sessions, and of their rows on the blacklist. */
export async function up(db: Kysely<unknown>): Promise<void> {
  await sql`SET LOCAL statement_timeout = 0`.execute(db);
  await rename(db, 'sessions', 'revoke_reason');
  await rename(db, 'blacklist', 'reason');
}

async function rename(db: Kysely<unknown>, table: string, column: string): Promise<void> {
  await sql`UPDATE ${sql.table(table)} SET ${sql.ref(column)} = names.new
    FROM (VALUES ('cap', 'session_limit'), ('absolute', 'expired'), ('idle', 'idle_timeout'),
      ('operator', 'ended_by_operator'), ('ended_elsewhere', 'ended_by_user')) AS names(old, new)
    WHERE ${sql.ref(column)} = names.old`.execute(db);
}
