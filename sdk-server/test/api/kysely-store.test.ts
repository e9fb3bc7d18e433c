import { CamelCasePlugin, type ControlledTransaction, Kysely, PostgresDialect, sql } from 'kysely';
import {
  createTransactions,
  type KyselyTransaction,
  kyselyIdempotencyStore,
  kyselyTransactionClass,
} from '../../src/index.ts';
import { keepsAnswersOnPostgres } from './store-on-postgres.ts';

type Tables = Record<string, never>;

describe('kyselyIdempotencyStore', () => {
  keepsAnswersOnPostgres<KyselyTransaction<ControlledTransaction<Tables>>>({
    open(pool, options) {
      const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }), plugins: [new CamelCasePlugin()] });
      const transactions = createTransactions({ TransactionImplementationClass: kyselyTransactionClass(db) });
      // A Kysely that never asked its pool does not end it.
      const close = () => db.destroy().then(() => (pool.ended ? undefined : pool.end()));
      return { transactions, store: kyselyIdempotencyStore(transactions, options), close };
    },
    run: (transaction, text) => sql.raw(text).execute(transaction.db),
  });
});
