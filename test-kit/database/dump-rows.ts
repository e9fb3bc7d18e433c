import pg from 'pg';

/** Every row of every table of the database as text, one a line: what a copy of the database would show. */
export async function dumpRows(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>(
      `SELECT quote_ident(table_name) AS name FROM information_schema.tables
        WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1`,
    );
    // In one statement, so that all tables are of one moment.
    const tables = rows.map(({ name }) => `SELECT '${name} ' || to_jsonb(t)::text AS line FROM ${name} t`);
    const dump = await client.query<{ line: string }>(tables.join(' UNION ALL '));
    return dump.rows.map(({ line }) => line).join('\n');
  } finally {
    await client.end();
  }
}
