import { type Kysely, sql } from 'kysely';

const statements = [
  // `served`: the epoch in which sessions are judged. A promoted replica writes in another one, until nodes have written
  // back what they know of the lost tail.
  `CREATE TABLE cluster (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    served text NOT NULL,
    moved_to text,
    moved_at timestamptz,
    tail_from timestamptz
  )`,
  `INSERT INTO cluster (served)
    SELECT system_identifier || '.' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) FROM pg_control_system()`,
  // What a node has reported after a failover, and whose report is waited for.
  `ALTER TABLE servers
    ADD COLUMN awaited_in text,
    ADD COLUMN reported_in text,
    ADD COLUMN covers_tail boolean,
    ADD COLUMN ends_written integer`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
