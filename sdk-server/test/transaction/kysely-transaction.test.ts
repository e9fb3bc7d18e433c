import { expect } from 'chai';
import { CompiledQuery, type ControlledTransaction, Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { sharedPostgres } from '../../../test-kit/database/shared-postgres.ts';
import { createTransactions, type KyselyTransaction, kyselyTransactionClass } from '../../src/transaction/index.ts';
import { keepsItsWordOnPostgres, rejection } from './on-postgres.ts';

type Tables = Record<string, never>;

const kyselyOn = (pool: pg.Pool) => new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });

describe('kyselyTransactionClass', () => {
  keepsItsWordOnPostgres<KyselyTransaction<ControlledTransaction<Tables>>>({
    open(pool) {
      const db = kyselyOn(pool);
      // A Kysely that never asked its pool does not end it.
      const close = () => db.destroy().then(() => (pool.ended ? undefined : pool.end()));
      return { Implementation: kyselyTransactionClass(db), close };
    },
    run: async (transaction, text) => sql.raw(text).execute(transaction.db),
  });

  it('refuses statements of a handle while an inner transaction runs, also of a stored handle', async () => {
    const db = kyselyOn(new pg.Pool({ connectionString: (await sharedPostgres()).url }));
    const { run, defineTransaction } = createTransactions({
      TransactionImplementationClass: kyselyTransactionClass(db),
    });
    await run(async (outer) => {
      const kept = outer.db;
      await defineTransaction('USE', outer).execute(async (inner) => {
        expect(() => outer.db).to.throw('use that one inside');
        expect(await rejection(sql`SELECT 1`.execute(kept))).to.have.property('code', 'busy');
        await sql`SELECT 1`.execute(inner.db);
      });
      await kept.executeQuery(CompiledQuery.raw('SELECT 1'));
      await sql`SELECT 1`.execute(kept);
    });
    await db.destroy();
  });
});
