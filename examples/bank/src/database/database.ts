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
  return new Kysely<BankSchema>({ dialect: new PGliteDialect({ pglite: () => createPglite(dataDir) }) });
}

/** @throws TypeError with a sentence that names the setting: a full disk, a folder that is damaged or cannot be written */
async function createPglite(dataDir: string): Promise<PGlite> {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o700 });
    return await PGlite.create({ dataDir: join(dataDir, 'db'), parsers: { [types.INT8]: Number } });
  } catch (cause) {
    throw new TypeError(
      `BANK_DATA_DIR: the database in ${dataDir} cannot be opened (${reasonOf(cause)}). Free space on its disk, restore the folder from a backup, or set another one`,
      { cause },
    );
  }
}

/** `errno` of Emscripten's file system when the disk is full. Its errors are no `Error`. */
const noSpace = 51;

function reasonOf(cause: unknown): string {
  if (cause instanceof Error) return cause.message;
  const { errno } = cause as { readonly errno?: number };
  return errno === noSpace ? 'no free space' : `error ${errno} of the file system`;
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
