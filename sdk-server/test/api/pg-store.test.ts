import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { idempotencyTableSql, pgIdempotencyStore } from '../../src/api/index.ts';
import { createTransactions, type PgTransaction, pgTransactionClass } from '../../src/transaction/index.ts';
import { keepsAnswersOnPostgres } from './store-on-postgres.ts';

describe('pgIdempotencyStore', () => {
  keepsAnswersOnPostgres<PgTransaction>({
    open(pool, options) {
      const transactions = createTransactions({ TransactionImplementationClass: pgTransactionClass(pool) });
      return { transactions, store: pgIdempotencyStore(transactions, options), close: () => pool.end() };
    },
    run: (transaction, sql) => transaction.query(sql),
  });

  it('has the table that its documentation shows', () => {
    const page = readFileSync(new URL('../../../docs/build/idempotency.md', import.meta.url), 'utf8');
    expect(page).to.include(idempotencyTableSql());
    expect(idempotencyTableSql('app.kept')).to.include('CREATE TABLE IF NOT EXISTS app.kept (');
    expect(idempotencyTableSql('app.kept')).to.include('kept_created_at ON app.kept');
  });
});
