import type { KyselyTransaction, KyselyTransactionHandle } from '../transaction/kysely-transaction.ts';
import type { TransactionFactory } from './run-call.ts';
import { createTransactionStore, type IdempotencyStore, type IdempotencyStoreOptions } from './transaction-store.ts';

/** A statement as Kysely's `CompiledQuery.raw` makes it. */
interface KyselyStatement {
  readonly sql: string;
  readonly parameters: readonly unknown[];
  readonly query: {
    readonly kind: 'RawNode';
    readonly sqlFragments: readonly string[];
    readonly parameters: readonly never[];
  };
  readonly queryId: { readonly queryId: string };
}

/** Kysely's `ControlledTransaction` on PostgreSQL or PGlite, as far as it is needed. */
export interface KyselyQueryHandle extends KyselyTransactionHandle {
  executeQuery(statement: KyselyStatement): Promise<{ readonly rows: readonly unknown[] }>;
}

/**
 * Stores idempotency keys by Kysely, on PostgreSQL or PGlite. Its table is that of {@link pgIdempotencyStore}.
 *
 * @throws TypeError for a wrong table name or time
 * @example
 * const pool = handlePoolErrors(new pg.Pool({ connectionString }), log);
 * const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
 * const transactions = latchkey.transactions(kyselyTransactionClass(db));
 * const idempotency = kyselyIdempotencyStore(transactions);
 * await idempotency.createTable();
 */
export function kyselyIdempotencyStore<Handle extends KyselyQueryHandle>(
  transactions: TransactionFactory<KyselyTransaction<Handle>>,
  options: IdempotencyStoreOptions = {},
): IdempotencyStore<KyselyTransaction<Handle>> {
  const query = async ({ db }: KyselyTransaction<Handle>, text: string, values: string[]) =>
    (await db.executeQuery(toKyselyStatement(text, values))).rows;
  return createTransactionStore({ ...options, transactions, query });
}

function toKyselyStatement(text: string, values: readonly string[]): KyselyStatement {
  return {
    sql: text,
    parameters: values,
    query: { kind: 'RawNode', sqlFragments: [text], parameters: [] },
    queryId: { queryId: 'idempotency' },
  };
}
