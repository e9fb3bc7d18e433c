import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite, types } from '@electric-sql/pglite';
import type { Logger } from '@latchkey/sdk-server';
import { handlePoolErrors } from '@latchkey/sdk-server/transaction';
import { Kysely, PGliteDialect, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { BankConfig } from '../config/env.ts';
import type { BankSchema } from './schema.ts';

const timeouts = {
  connectionTimeoutMillis: 2_000,
  statement_timeout: 5_000,
  idle_in_transaction_session_timeout: 5_000,
};

/** Opens PostgreSQL if a URL is given, else PGlite in its folder, for one process. */
export function openDatabase(
  { databaseUrl, dataDir }: Pick<BankConfig, 'databaseUrl' | 'dataDir'>,
  log: Logger,
): Kysely<BankSchema> {
  return databaseUrl === undefined ? openEmbedded(dataDir) : openPostgres(databaseUrl, log);
}

function openEmbedded(dataDir: string): Kysely<BankSchema> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const pglite = () => PGlite.create({ dataDir: join(dataDir, 'db'), parsers: { [types.INT8]: Number } });
  return new Kysely<BankSchema>({ dialect: new PGliteDialect({ pglite }) });
}

/** Parses bigint as a number, because cents stay far below 2^53. */
const numbers = {
  getTypeParser: ((oid: number, format?: 'text' | 'binary') =>
    oid === pg.types.builtins.INT8
      ? Number
      : pg.types.getTypeParser(oid, format as 'text')) as typeof pg.types.getTypeParser,
};

function openPostgres(databaseUrl: string, log: Logger): Kysely<BankSchema> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 10, types: numbers, ...timeouts });
  handlePoolErrors(pool, log);
  return new Kysely<BankSchema>({ dialect: new PostgresDialect({ pool }) });
}
