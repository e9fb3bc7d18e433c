import { expect } from 'chai';
import pg from 'pg';
import type { Postgres } from '../../../test-kit/database/postgres.ts';
import { sharedPostgres } from '../../../test-kit/database/shared-postgres.ts';
import { startTcpProxy } from '../../../test-kit/tcp-proxy.ts';
import type { IdempotencyStore, IdempotencyStoreOptions, TransactionFactory } from '../../src/api/index.ts';
import type { TransactionCoreClass } from '../../src/transaction/index.ts';
import { openPromise } from './api-stage.ts';

/** A ready store with its transactions, and how a statement is run in them. */
interface StoreSubject<T extends TransactionCoreClass> {
  open(
    pool: pg.Pool,
    options: IdempotencyStoreOptions,
  ): { transactions: TransactionFactory<T>; store: IdempotencyStore<T>; close(): Promise<void> };
  run(transaction: T, sql: string): Promise<unknown>;
}

type Work<T> = (transaction: T) => Promise<unknown>;

/** A node of the app: its own pool on the shared table. */
interface Node<T> {
  readonly pool: pg.Pool;
  readonly store: IdempotencyStore<T>;
  call(
    key: string,
    work: Work<T>,
    change?: Partial<Record<'tenantId' | 'userId' | 'fingerprint', string>>,
  ): Promise<unknown>;
  close(): Promise<void>;
}

/** The contract of the ready stores, on a real Postgres, as two nodes see it. */
export function keepsAnswersOnPostgres<T extends TransactionCoreClass>(subject: StoreSubject<T>): void {
  let postgres: Postgres;
  let url: string;
  let one: Node<T>;
  let two: Node<T>;
  const { run } = subject;

  function openNode(options: IdempotencyStoreOptions = {}, connectionString = url): Node<T> {
    const pool = new pg.Pool({ connectionString, max: 6 });
    pool.on('error', () => undefined);
    pool.on('connect', (client) => client.on('error', () => undefined));
    const { transactions, store, close } = subject.open(pool, options);
    return {
      pool,
      store,
      close,
      call(key, work, change = {}) {
        const call = { tenantId: 't', userId: 'u', api: 'api', call: 'pay', key, fingerprint: 'f', ...change };
        return transactions.run((transaction) => store.once(call, () => work(transaction), transaction));
      },
    };
  }

  /** Pays, and tells how many payments stand by then. */
  const pay: Work<T> = (transaction) => run(transaction, 'INSERT INTO payments DEFAULT VALUES').then(() => 'paid');
  const count = async (table: string) => Number((await one.pool.query(`SELECT count(*) FROM ${table}`)).rows[0].count);
  const standing = async () => [await count('payments'), await count('idempotent_calls')];
  const refusal = (work: Promise<unknown>) =>
    work.then(
      () => expect.fail('it was to reject'),
      (error: { code?: string }) => error,
    );

  before(async () => {
    postgres = await sharedPostgres();
    url = await postgres.createDatabase();
  });
  beforeEach(async () => {
    [one, two] = [openNode(), openNode()];
    await Promise.all([one, two, one, two].map(({ store }) => store.createTable()));
    await one.pool.query('CREATE TABLE IF NOT EXISTS payments (id int GENERATED ALWAYS AS IDENTITY)');
    await one.pool.query('TRUNCATE payments, idempotent_calls');
  });
  afterEach(async () => {
    const held = [one, two].map(({ pool }) => pool.totalCount - pool.idleCount);
    await Promise.all([one.close(), two.close()]);
    expect(held, 'clients still checked out').to.deep.equal([0, 0]);
  });
  after(() => postgres.dropDatabase(url));

  it('runs a call once, and answers the other node with what the first one said', async () => {
    const answer = { id: 7, at: new Date(0), missing: undefined, text: 'a\u0000b' };
    const first = await one.call('k', (transaction) => pay(transaction).then(() => answer));
    expect(first).to.deep.equal({ id: 7, at: '1970-01-01T00:00:00.000Z', text: 'a\u0000b' });
    expect(await two.call('k', pay)).to.deep.equal(first);
    expect(await two.call('none', (transaction) => pay(transaction).then(() => null))).to.equal(null);
    expect(await one.call('none', pay)).to.equal(null);
    expect(await standing()).to.deep.equal([2, 2]);
  });

  it('pays once for each of 50 keys that both nodes are shown at the same time', async () => {
    const keys = Array.from({ length: 50 }, (_, index) => `k${index}`);
    const answers = await Promise.all(
      keys.map((key) =>
        Promise.all(
          [one, two, one].map((node, index) => node.call(key, (tx) => pay(tx).then(() => `${key}.${index}`))),
        ),
      ),
    );
    for (const [index, same] of answers.entries()) {
      expect(new Set(same).size).to.equal(1);
      expect(same[0]).to.match(new RegExp(`^k${index}\\.`));
    }
    expect(await standing()).to.deep.equal([50, 50]);
  });

  it('keeps users, tenants and calls apart, and refuses other params under the same key', async () => {
    for (const change of [{}, { userId: 'v' }, { tenantId: 's' }]) await one.call('k', pay, change);
    expect(await standing()).to.deep.equal([3, 3]);
    expect(await refusal(two.call('k', pay, { fingerprint: 'g' }))).to.include({ code: 'invalid_request' });
    expect(await standing()).to.deep.equal([3, 3]);
  });

  it('lets a repetition run in the place of one that fails, and keeps nothing of the failure', async () => {
    const [begun, gate] = [openPromise(), openPromise()];
    const boom = new Error('boom');
    const failing = refusal(
      one.call('k', async (transaction) => {
        await pay(transaction);
        begun.resolve();
        await gate.promise;
        throw boom;
      }),
    );
    await begun.promise;
    const repeated = two.call('k', pay);
    await somebodyWaits(one.pool);
    gate.resolve();
    expect([await failing, await repeated]).to.deep.equal([boom, 'paid']);
    expect(await standing()).to.deep.equal([1, 1]);
  });

  it('waits for a run no longer than it may, then says when to ask again', async () => {
    const [begun, gate, hasty] = [openPromise(), openPromise(), openNode({ waitMs: 50 })];
    const running = one.call('k', async (transaction) => {
      begun.resolve();
      await gate.promise;
      return pay(transaction);
    });
    await begun.promise;
    expect(await refusal(hasty.call('k', pay))).to.include({ code: 'busy', retryable: true, retryAfterMs: 500 });
    gate.resolve();
    expect([await running, await hasty.call('k', pay)]).to.deep.equal(['paid', 'paid']);
    expect(await standing()).to.deep.equal([1, 1]);
    await hasty.close();
  });

  it('runs once under stricter isolation, too, where who has waited has to ask again', async () => {
    const strict = openNode({}, `${url}?options=-c%20default_transaction_isolation%3Dserializable`);
    const [begun, gate] = [openPromise(), openPromise()];
    const running = one.call('k', async (transaction) => {
      begun.resolve();
      await gate.promise;
      return pay(transaction);
    });
    await begun.promise;
    const waiting = refusal(strict.call('k', pay));
    await somebodyWaits(one.pool);
    gate.resolve();
    expect(await running).to.equal('paid');
    expect(await waiting)
      .to.include({ code: 'unavailable' })
      .and.to.have.nested.property('cause.code', '40001');
    expect([await strict.call('k', pay), await standing()]).to.deep.equal(['paid', [1, 1]]);
    await strict.close();
  });

  it('leaves the lock timeout of the work as it was', async () => {
    await one.pool.query(`ALTER DATABASE ${new URL(url).pathname.slice(1)} SET lock_timeout = '7s'`);
    const fresh = openNode({ waitMs: 50 });
    const setting = await fresh.call('k', async (transaction) => {
      const { rows } = (await run(transaction, 'SHOW lock_timeout')) as { rows: object[] };
      return Object.values(rows[0]!);
    });
    await one.pool.query(`ALTER DATABASE ${new URL(url).pathname.slice(1)} RESET lock_timeout`);
    expect(setting).to.deep.equal(['7s']);
    await fresh.close();
  });

  it('loses effect and record together when the connection goes between effect and commit', async () => {
    const lost = one.call('k', async (transaction) => {
      await pay(transaction);
      // Only the one that is in the transaction: idle ones of the pool would fail the questions below.
      await two.pool.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND state = 'idle in transaction'`);
      return 'paid';
    });
    expect(await refusal(lost)).to.include({ code: 'unavailable', retryable: true, retryAfterMs: 500 });
    expect(await standing()).to.deep.equal([0, 0]);
    expect(await two.call('k', pay)).to.equal('paid');
    expect(await standing()).to.deep.equal([1, 1]);
  });

  it('knows the answer of a commit whose reply was lost', async () => {
    const proxy = await startTcpProxy({ port: Number(new URL(url).port) });
    const far = openNode({}, proxy.urlFor(url));
    far.pool.on('connect', (client) => {
      const query = client.query.bind(client) as (...args: unknown[]) => unknown;
      const watched = (...args: unknown[]) => {
        if (/^commit$/i.test(String((args[0] as { text?: string }).text ?? args[0]))) proxy.setMode('swallow_reply');
        return query(...args);
      };
      Object.assign(client, { query: watched });
    });
    expect(await refusal(far.call('k', pay))).to.include({ code: 'commit_unknown' });
    expect(proxy.swallowed()).to.equal(1);
    expect(await two.call('k', pay)).to.equal('paid');
    expect(await standing()).to.deep.equal([1, 1]);
    await far.close();
    await proxy.close();
  });

  it('is unavailable without its table, and hands on what the work itself met', async () => {
    const astray = openNode({ table: 'nowhere' });
    expect(await refusal(astray.call('k', pay)))
      .to.include({ code: 'unavailable' })
      .and.to.have.nested.property('cause.code', '42P01');
    await astray.close();
    expect(await refusal(one.call('k', (transaction) => run(transaction, 'nonsense')))).to.include({ code: '42601' });
    const hushed = one.call('k', (transaction) => run(transaction, 'nonsense').catch(() => 'fine'));
    expect(await refusal(hushed)).to.include({ code: '25P02' });
    expect(await refusal(one.call('k', async () => 1n))).to.be.instanceOf(TypeError);
    expect(await standing()).to.deep.equal([0, 0]);
  });

  it('cleans up what was kept long enough, a little with each call and the rest on request', async () => {
    for (const key of ['a', 'b', 'c', 'd', 'e']) await one.call(key, pay);
    await one.pool.query("UPDATE idempotent_calls SET created_at = now() - interval '23 hours 59 minutes'");
    expect(await one.store.clean()).to.equal(0);
    await one.pool.query("UPDATE idempotent_calls SET created_at = now() - interval '24 hours 1 second'");
    await two.call('f', pay);
    expect(await count('idempotent_calls')).to.equal(4);
    expect(await two.store.clean()).to.equal(3);
    expect(await two.call('f', pay)).to.equal('paid');
    expect(await standing()).to.deep.equal([6, 1]);
  });

  it('removes no more than 1,000 at once', async () => {
    await one.pool.query(`INSERT INTO idempotent_calls
      SELECT 't', 'u', 'api', 'pay', n::text, 'f', '1', now() - interval '25 hours' FROM generate_series(1, 1200) AS n`);
    const removed = await Promise.all([one.store.clean(), two.store.clean()]);
    expect(removed.reduce((sum, part) => sum + part)).to.be.at.least(1_000);
    expect(Math.max(...removed)).to.be.at.most(1_000);
    await one.store.clean();
    expect(await count('idempotent_calls')).to.equal(0);
  });

  it('refuses names and times that make no sense', () => {
    for (const table of ['', 'Calls', 'a.b.c', 'a; DROP TABLE payments', 'a"b', '1a']) {
      expect(() => openNode({ table })).to.throw(TypeError);
    }
    for (const ms of [0, -1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => openNode({ waitMs: ms })).to.throw(TypeError);
      expect(() => openNode({ keepMs: ms })).to.throw(TypeError);
    }
  });
}

/** Until a transaction of this database waits for another. */
async function somebodyWaits(pool: pg.Pool): Promise<void> {
  for (;;) {
    const { rows } = await pool.query(`SELECT FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'`);
    if (rows.length > 0) return;
  }
}
