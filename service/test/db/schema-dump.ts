import { sql } from 'kysely';
import type { Db } from '../../src/db/schema.ts';

interface Line {
  readonly line: string;
}

async function lines(db: Db, query: ReturnType<typeof sql<Line>>): Promise<string[]> {
  return (await query.execute(db)).rows.map((row) => row.line);
}

const ours = sql`c.relnamespace = 'public'::regnamespace AND c.relname NOT LIKE 'latchkey_migrations%'`;

/**
 * The schema as text that both databases agree on: tables with columns and constraints, indexes, triggers, functions. Without
 * extensions and what needs them: the embedded database has none.
 */
export async function dumpSchema(db: Db): Promise<string> {
  const tables = await lines(
    db,
    sql<Line>`SELECT c.relname AS line FROM pg_class c WHERE ${ours} AND c.relkind = 'r' ORDER BY 1`,
  );
  const parts = await Promise.all(tables.map((table) => dumpTable(db, table)));
  const indexes = await lines(
    db,
    sql<Line>`SELECT pg_get_indexdef(i.indexrelid) || ';' AS line FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
      WHERE ${ours} AND pg_get_indexdef(i.indexrelid) NOT LIKE '% gin_trgm_ops)%'
        AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid) ORDER BY 1`,
  );
  const functions = await lines(
    db,
    sql<Line>`SELECT pg_get_functiondef(p.oid) || ';' AS line FROM pg_proc p WHERE p.pronamespace = 'public'::regnamespace
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e') ORDER BY 1`,
  );
  const triggers = await lines(
    db,
    sql<Line>`SELECT pg_get_triggerdef(t.oid) || ';' AS line FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
      WHERE ${ours} AND NOT t.tgisinternal ORDER BY 1`,
  );
  return `${[...parts, ...indexes, ...functions, ...triggers].join('\n\n')}\n`;
}

async function dumpTable(db: Db, table: string): Promise<string> {
  const columns = await lines(
    db,
    sql<Line>`SELECT a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
      || CASE WHEN a.attidentity = 'a' THEN ' GENERATED ALWAYS AS IDENTITY' ELSE '' END
      || coalesce(' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid), '') || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END AS line
      FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
      WHERE a.attrelid = ${table}::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`,
  );
  // NOT NULL stands with its column; Postgres 18 lists it as a constraint as well.
  const constraints = await lines(
    db,
    sql<Line>`SELECT 'CONSTRAINT ' || conname || ' ' || pg_get_constraintdef(oid) AS line FROM pg_constraint
      WHERE conrelid = ${table}::regclass AND contype <> 'n' ORDER BY contype DESC, conname`,
  );
  const options = await lines(
    db,
    sql<Line>`SELECT array_to_string(reloptions, ', ') AS line FROM pg_class WHERE oid = ${table}::regclass AND reloptions IS NOT NULL`,
  );
  const body = [...columns, ...constraints].map((line) => `  ${line}`).join(',\n');
  return `CREATE TABLE ${table} (\n${body}\n)${options.map((line) => ` WITH (${line})`).join('')};`;
}
