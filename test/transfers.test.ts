import { setImmediate as nextTurn } from 'node:timers/promises';
import { createTransactions, type PgTransaction, pgTransactionClass, TransactionError } from '@latchkey/sdk-server';
import { expect } from 'chai';
import pg from 'pg';
import { type Postgres, startPostgres } from './harness/postgres.ts';

const accounts = 10;
const transfers = 200;

describe('200 transfers at once', () => {
  let postgres: Postgres;
  let pool: pg.Pool;

  before(async () => {
    postgres = await startPostgres();
    pool = new pg.Pool({ connectionString: postgres.url, max: 12 });
    pool.on('error', () => undefined);
    await pool.query('CREATE TABLE accounts (id int PRIMARY KEY, balance int NOT NULL CHECK (balance >= 0))');
    await pool.query('CREATE TABLE transfers (id int PRIMARY KEY)');
    await pool.query('INSERT INTO accounts SELECT id, 100 FROM generate_series(1, $1::int) AS id', [accounts]);
  });

  after(async () => {
    await pool.end();
    await postgres.stop();
  });

  it('make and lose no money, and tell as often as they commit, through failures and a crash of the database', async () => {
    const told: number[] = [];
    const unknown: number[] = [];
    const tell = (_tenantId: string, _name: string, thing: unknown) => void told.push(thing as number);
    const { run, defineTransaction } = createTransactions({
      TransactionImplementationClass: pgTransactionClass(pool),
      changes: { notifyCreation: tell, notifyUpdate: tell, notifyDeletion: tell },
    });
    const move = (outer: PgTransaction, account: number, amount: number) =>
      defineTransaction('USE', outer).execute(async (inner) => {
        await inner.query('UPDATE accounts SET balance = balance + $1 WHERE id = $2', [amount, account]);
      });
    const transfer = async (id: number) => {
      const source = 1 + (id % accounts);
      const target = 1 + ((id * 7 + 3) % accounts);
      await run(async (transaction) => {
        const both = [source, target];
        await transaction.query('SELECT FROM accounts WHERE id = ANY($1) ORDER BY id FOR UPDATE', [both]);
        await Promise.all([move(transaction, source, -(id % 60)), move(transaction, target, id % 60)]);
        await transaction.query('INSERT INTO transfers VALUES ($1)', [id]);
        transaction.notifyCreation('bank', 'TRANSFER', id);
        if (id % 9 === 0) throw new Error('refused at the end');
      }).catch((error: unknown) => {
        if (error instanceof TransactionError && error.code === 'commit_unknown') unknown.push(id);
        throw error;
      });
    };

    const all = Promise.allSettled(Array.from({ length: transfers }, (_, id) => transfer(id)));
    const finished = all.then(() => true);
    while (told.length < 20 && !(await Promise.race([finished, nextTurn(false)])));
    await postgres.restart('immediate');
    await all;
    const again = await Promise.allSettled(Array.from({ length: transfers }, (_, id) => transfer(transfers + id)));

    const { rows } = await pool.query('SELECT id FROM transfers');
    const standing = rows.map(({ id }) => id as number);
    const { rows: sums } = await pool.query('SELECT sum(balance)::int AS money FROM accounts');
    expect(sums).to.deep.equal([{ money: accounts * 100 }]);
    const surely = (ids: number[]) => ids.filter((id) => !unknown.includes(id)).sort((a, b) => a - b);
    expect(surely(told)).to.deep.equal(surely(standing));
    expect(told.filter((id) => unknown.includes(id))).to.deep.equal([]);
    expect(again.filter(({ status }) => status === 'fulfilled').length).to.be.within(20, transfers - 20);
    expect(pool.totalCount - pool.idleCount).to.equal(0);
  });
});
