import type { KyselyControlled, KyselyTransaction } from '../transaction/kysely-transaction.ts';
import type { TransactionFactory } from './perform.ts';
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
export interface KyselyAsked extends KyselyControlled {
  executeQuery(statement: KyselyStatement): Promise<{ readonly rows: readonly unknown[] }>;
}

/**
 * The same as {@link pgIdempotencyStore}, by Kysely on PostgreSQL or PGlite.
 *
 * @throws TypeError for a wrong table name or time
 * @example
 * const pool = handlePoolErrors(new pg.Pool({ connectionString }), log);
 * const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
 * const transactions = latchkey.transactions(kyselyTransactionClass(db));
 * const idempotency = kyselyIdempotencyStore(transactions);
 * await idempotency.createTable();
 */
export function kyselyIdempotencyStore<Handle extends KyselyAsked>(
  transactions: TransactionFactory<KyselyTransaction<Handle>>,
  options: IdempotencyStoreOptions = {},
): IdempotencyStore<KyselyTransaction<Handle>> {
  const ask = async ({ db }: KyselyTransaction<Handle>, text: string, values: string[]) =>
    (await db.executeQuery(statementOf(text, values))).rows;
  return createTransactionStore({ ...options, transactions, ask });
}

function statementOf(text: string, values: readonly string[]): KyselyStatement {
  return {
    sql: text,
    parameters: values,
    query: { kind: 'RawNode', sqlFragments: [text], parameters: [] },
    queryId: { queryId: 'idempotency' },
  };
}
