import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { expect } from 'chai';
import { CamelCasePlugin, type ControlledTransaction, Kysely, PGliteDialect, PostgresDialect, sql } from 'kysely';
import { seedEmbeddedData } from '../../../test-kit/database/embedded-data.ts';
import { kyselyIdempotencyStore } from '../../src/api/index.ts';
import { createTransactions, type KyselyTransaction, kyselyTransactionClass } from '../../src/transaction/index.ts';
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

  it('runs each key once on PGlite, where calls are serialized', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'latchkey-store-'));
    await seedEmbeddedData(dataDir);
    const db = new Kysely<Tables>({ dialect: new PGliteDialect({ pglite: new PGlite(join(dataDir, 'db')) }) });
    const transactions = createTransactions({ TransactionImplementationClass: kyselyTransactionClass(db) });
    const store = kyselyIdempotencyStore(transactions, { table: 'calls' });
    await store.createTable();
    const call = { tenantId: 't', userId: 'u', api: 'api', call: 'pay', key: 'k', fingerprint: 'f' };
    let runs = 0;
    const pay = () => transactions.run((transaction) => store.once(call, async () => ({ runs: ++runs }), transaction));
    expect(await Promise.all([pay(), pay()])).to.deep.equal([{ runs: 1 }, { runs: 1 }]);
    expect(await store.clean()).to.equal(0);
    await db.destroy();
    rmSync(dataDir, { recursive: true });
  }).timeout(30_000);
});
