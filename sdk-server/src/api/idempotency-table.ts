const defaultTable = 'idempotent_calls';

/**
 * The table of {@link pgIdempotencyStore} and {@link kyselyIdempotencyStore} as SQL, for an app's own migrations: two
 * statements. The answer is text, so that it comes back as it went.
 *
 * @throws TypeError for a name that would have to be quoted: `name` or `schema.name`, in lower case
 * @example
 * await pool.query(idempotencyTableSql());
 */
export function idempotencyTableSql(table: string = defaultTable): string {
  return tableStatements(table).join('\n');
}

/** Returns the two statements of {@link idempotencyTableSql} separately, for drivers that run one statement at a time. */
export function tableStatements(table: string = defaultTable): readonly [string, string] {
  const name = parseTableName(table);
  return [
    `CREATE TABLE IF NOT EXISTS ${table} (
  tenant_id text NOT NULL,
  user_id text NOT NULL,
  api text NOT NULL,
  call text NOT NULL,
  key text NOT NULL,
  fingerprint text NOT NULL,
  answer text,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, user_id, api, call, key)
);`,
    `CREATE INDEX IF NOT EXISTS ${name}_created_at ON ${table} (created_at);`,
  ];
}

/** Names go into SQL as they are. */
function parseTableName(table: string): string {
  const [, name] = /^(?:[a-z_][a-z0-9_]{0,39}\.)?([a-z_][a-z0-9_]{0,39})$/.exec(table) ?? [];
  if (name === undefined) throw new TypeError(`"${table}" is no name of a table: lower case, as name or schema.name`);
  return name;
}

/**
 * Statements on the table of one store; values are `$1` …, the call's first.
 * `claim` waits for a transaction that holds the same call, and bounds that wait by `lock_timeout`, which the work then
 * finds as it was: `bounded` is read before the insert begins, and the last line runs after it.
 */
export function createStatements(table: string = defaultTable) {
  parseTableName(table);
  const isCall = 'tenant_id = $1 AND user_id = $2 AND api = $3 AND call = $4 AND key = $5';
  const removal = (keepMs: string, most: string) => `DELETE FROM ${table} WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM ${table} WHERE created_at < now() - ${keepMs}::float8 * interval '1 millisecond'
    ORDER BY created_at LIMIT ${most}::int FOR UPDATE SKIP LOCKED)) RETURNING true AS removed`;
  return Object.freeze({
    /** `$1`–`$5` the call, `$6` its fingerprint, `$7` milliseconds to wait for others. One row: the call is ours to run. */
    claim: `WITH bounded AS MATERIALIZED (
      SELECT was, set_config('lock_timeout', $7::text, true) FROM current_setting('lock_timeout') AS was
    ), claimed AS (
      INSERT INTO ${table} (tenant_id, user_id, api, call, key, fingerprint)
      SELECT $1::text, $2::text, $3::text, $4::text, $5::text, $6::text FROM bounded
      ON CONFLICT DO NOTHING RETURNING true
    )
    SELECT set_config('lock_timeout', was, true) FROM bounded, claimed`,
    /** `$1`–`$5` the call. Its `fingerprint` and `answer`. */
    find: `SELECT fingerprint, answer FROM ${table} WHERE ${isCall}`,
    /** `$1`–`$5` the call, `$6` its answer, `$7` milliseconds to keep, `$8` records to remove at most. */
    keep: `WITH removed AS (${removal('$7', '$8')}) UPDATE ${table} SET answer = $6 WHERE ${isCall}`,
    /** `$1` milliseconds to keep, `$2` records to remove at most. A row for each that was removed. */
    clean: removal('$1', '$2'),
  });
}
