import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import {
  createTransactions,
  type PgTransaction,
  pgTransactionClass,
  TransactionError,
} from '@latchkey/sdk-server/transaction';
import { expect } from 'chai';
import pg from 'pg';
import { type Postgres, startPostgres } from '../test-kit/database/postgres.ts';
import { startTcpProxy, type TcpProxy } from '../test-kit/tcp-proxy.ts';
import { type Branch, openBranch } from './bank/branch.ts';
import { type Customer, createCustomer } from './bank/customer.ts';

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

  it('keep the sum of money, and notify once for each commit, during failures and a crash of the database', async () => {
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

/** The same through everything that stands between: sockets, a process of the bank, its line to the database. */
describe('200 transfers at once at the bank', function () {
  this.timeout(60_000);
  const people = 10;
  const opening = 100_000;
  let postgres: Postgres;
  let proxy: TcpProxy;
  let branch: Branch;
  let pool: pg.Pool;
  let customers: Customer[];

  before(async () => {
    postgres = await startPostgres();
    const url = await postgres.createDatabase();
    pool = new pg.Pool({ connectionString: url, max: 1 });
    pool.on('error', () => undefined);
    proxy = await startTcpProxy({ port: postgres.port });
    branch = await openBranch({ BANK_DATABASE_URL: proxy.urlFor(url) });
    customers = await Promise.all(Array.from({ length: people }, () => createCustomer(branch)));
  });

  after(async () => {
    for (const customer of customers) customer.close();
    await branch.close();
    await proxy.close();
    await pool.end();
    await postgres.stop();
  });

  it('happen once or not at all, and notify once for each commit, during cuts and a crash of the database', async () => {
    const orders = Array.from({ length: transfers }, (_, id) => ({
      payer: customers[id % people]!,
      to: customers[(id * 7 + 3) % people]!.account,
      amount: id % 10 === 9 ? 2 * people * opening : 1 + ((id * 997) % (opening / 4)),
    }));
    const all = Promise.all(orders.map(({ payer, to, amount }) => payer.transfer(to, amount)));
    const finished = all.then(() => true);
    const heard = () => customers.flatMap((customer) => customer.told.filter(({ version }) => version > 1));
    while (heard().length < 20 && !(await Promise.race([finished, nextTurn(false)])));
    await postgres.restart('immediate');
    while (!(await Promise.race([finished, sleep(20, false)])))
      proxy
        .connections()
        .at(Math.random() * -9)
        ?.cut();
    const outcomes = await all;

    const { rows } = await pool.query<{ transfer_id: string; sum: number; sides: number }>(
      'SELECT transfer_id, sum(amount)::int, count(*)::int AS sides FROM bookings WHERE version > 1 GROUP BY 1',
    );
    expect(rows.filter(({ sum, sides }) => sum !== 0 || sides !== 2)).to.deep.equal([]);
    const { rows: balances } = await pool.query(
      'SELECT sum(balance)::int AS money, min(balance)::int AS least FROM accounts',
    );
    expect(balances[0].money).to.equal(people * opening);
    expect(balances[0].least).to.be.at.least(0);

    const standing = rows.map(({ transfer_id }) => transfer_id);
    const done = outcomes.flatMap(({ booking, attempts }) => (booking === undefined ? [] : [{ ...booking, attempts }]));
    // Once each: a commit whose outcome the database did not tell is found by the repetition with the same key.
    expect(done.map(({ transfer_id }) => transfer_id).sort()).to.deep.equal(standing.toSorted());
    const refused = outcomes.flatMap(({ error }) => (error === undefined ? [] : [error]));
    expect(
      refused.filter(({ message }) => !/^This is your own account|^There is not enough money/.test(message)),
    ).to.deep.equal([]);

    for (let turn = 0; turn < 100 && heard().length < 2 * done.length; turn += 1) await sleep(20);
    const timesTold = new Map<string, number>();
    for (const { transfer_id } of heard()) timesTold.set(transfer_id, (timesTold.get(transfer_id) ?? 0) + 1);
    expect([...timesTold.keys()].filter((id) => !standing.includes(id))).to.deep.equal([]);
    // Such a commit causes no event, and its caller had to repeat the request.
    const told = (id: string) => timesTold.get(id) ?? 0;
    expect(standing.filter((id) => told(id) !== 0 && told(id) !== 2)).to.deep.equal([]);
    expect(done.filter(({ transfer_id, attempts }) => told(transfer_id) === 0 && attempts === 1)).to.deep.equal([]);
    expect(outcomes.filter(({ attempts }) => attempts > 1).length).to.be.at.least(1);
    expect(done.length).to.be.within(people, transfers - people);
  });
});
