import { type Kysely, sql } from 'kysely';

const statements = [
  // Browsers that a user has signed in with, by a hash of the key of the browser or of its name.
  `CREATE TABLE known_browsers (
    uid uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    mark bytea NOT NULL CHECK (octet_length(mark) = 32),
    last_used_at timestamptz NOT NULL,
    PRIMARY KEY (uid, mark)
  )`,
  `CREATE INDEX known_browsers_by_use ON known_browsers (last_used_at)`,
  // Up to where sessions were examined for notices. The node that has locked a row examines the sessions after it.
  `CREATE TABLE notice_cursors (
    name text PRIMARY KEY CHECK (name IN ('opened', 'ended')),
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    sid uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000'
  )`,
  `INSERT INTO notice_cursors (name) VALUES ('opened'), ('ended')`,
  // One notice of each kind for a session.
  `ALTER TABLE mails ADD COLUMN sid uuid`,
  `CREATE UNIQUE INDEX mails_once_for_a_session ON mails (sid, template) WHERE sid IS NOT NULL`,
];

export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statement of statements) await sql.raw(statement).execute(db);
}
