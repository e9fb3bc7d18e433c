import { expect } from 'chai';
import pg from 'pg';
import { sharedPostgres } from '../../../test-kit/database/shared-postgres.ts';
import { createTransactions, type PgTransaction, pgTransactionClass } from '../../src/transaction/index.ts';
import { keepsItsWordOnPostgres, rejection } from './on-postgres.ts';

describe('pgTransactionClass', () => {
  keepsItsWordOnPostgres<PgTransaction>({
    open: (pool) => ({ Implementation: pgTransactionClass(pool), close: () => pool.end() }),
    run: (transaction, sql) => transaction.query(sql),
  });

  it('passes values of a query, and returns rows', async () => {
    const pool = new pg.Pool({ connectionString: (await sharedPostgres()).url });
    const { run } = createTransactions({ TransactionImplementationClass: pgTransactionClass(pool) });
    const { rows } = await run((transaction) =>
      transaction.executeQuery<{ sum: number }>('SELECT $1::int + 1 AS sum', [2]),
    );
    expect(rows).to.deep.equal([{ sum: 3 }]);
    await pool.end();
  });

  it('rejects an outer transaction of another pool', async () => {
    const [one, two] = [new pg.Pool(), new pg.Pool()].map(pgTransactionClass);
    const foreign = new one!(undefined, {});
    expect(() => new two!(foreign, {})).to.throw(TypeError, 'another class or pool');
  });

  it('adds one listener to a client for any number of transactions', async () => {
    const pool = new pg.Pool({ connectionString: (await sharedPostgres()).url, max: 1 });
    const listeners = async () => {
      const client = await pool.connect();
      client.release();
      return client.listenerCount('error');
    };
    const before = await listeners();
    const { run } = createTransactions({ TransactionImplementationClass: pgTransactionClass(pool) });
    await run((transaction) => transaction.query('SELECT 1'));
    await rejection(run(() => Promise.reject(new Error('boom'))));
    expect(await listeners()).to.equal(before + 1);
    await pool.end();
  });

  it('rejects without a process error when a connection is lost between two statements', async () => {
    const pool = new pg.Pool({ connectionString: (await sharedPostgres()).url, max: 1 });
    pool.on('error', () => undefined);
    const killer = new pg.Client({ connectionString: (await sharedPostgres()).url });
    await killer.connect();
    const { run } = createTransactions({ TransactionImplementationClass: pgTransactionClass(pool) });
    const work = run(async (transaction) => {
      const { rows } = await transaction.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await killer.query('SELECT pg_terminate_backend($1)', [rows[0]!.pid]);
      await killer.query('SELECT pg_sleep(0.05)');
    });
    expect(await rejection(work)).to.have.property('code', 'commit_unknown');
    expect(pool.totalCount).to.equal(0);
    await Promise.all([pool.end(), killer.end()]);
  });
});
