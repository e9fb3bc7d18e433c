import { expect } from 'chai';
import fc from 'fast-check';
import pg from 'pg';
import { spy } from 'sinon';
import type { Postgres } from '../../../test-kit/database/postgres.ts';
import { sharedPostgres } from '../../../test-kit/database/shared-postgres.ts';
import type { ChangeNotifier } from '../../src/index.ts';
import {
  createTransactions,
  type TransactionClass,
  type TransactionCoreClass,
  TransactionError,
  type Transactions,
} from '../../src/transaction/index.ts';

/** A ready class, and how a statement is run in its transactions. */
interface Subject<T extends TransactionCoreClass> {
  open(pool: pg.Pool): { Implementation: TransactionClass<T>; close(): Promise<void> };
  run(transaction: T, sql: string): Promise<unknown>;
}

/** The contract of the ready classes, on a real Postgres. After each test no client is checked out. */
export function keepsItsWordOnPostgres<T extends TransactionCoreClass>(subject: Subject<T>): void {
  let postgres: Postgres;
  let url: string;
  let pool: pg.Pool;
  let close: () => Promise<void>;
  let transactions: Transactions<T>;
  let told: unknown[];
  const { run } = subject;
  const insert = (transaction: T, id: number) => run(transaction, `INSERT INTO things VALUES (${id})`);
  const standing = async () => (await pool.query('SELECT id FROM things ORDER BY id')).rows.map(({ id }) => id);
  const inner = (parent: T) => transactions.defineTransaction('USE', parent);
  const checkedOut = () => pool.totalCount - pool.idleCount;

  before(async () => {
    postgres = await sharedPostgres();
    url = await postgres.createDatabase();
  });
  beforeEach(async () => {
    pool = new pg.Pool({ connectionString: url, max: 4 });
    pool.on('error', () => undefined);
    pool.on('connect', (client) => client.on('error', () => undefined));
    const opened = subject.open(pool);
    close = opened.close;
    told = [];
    const tell: ChangeNotifier['notifyCreation'] = (_tenantId, _name, thing) => void told.push(thing);
    const changes = { notifyCreation: tell, notifyUpdate: tell, notifyDeletion: tell };
    transactions = createTransactions({ TransactionImplementationClass: opened.Implementation, changes });
    await pool.query('CREATE TABLE IF NOT EXISTS things (id int PRIMARY KEY DEFERRABLE INITIALLY IMMEDIATE)');
    await pool.query('TRUNCATE things');
  });
  afterEach(async () => {
    const held = checkedOut();
    await close();
    expect(held, 'clients still checked out').to.equal(0);
  });
  after(() => postgres.dropDatabase(url));

  it('commits what it resolves to, and gives the client back before the listeners run', async () => {
    const held: number[] = [];
    const listeners = { onCommit: () => void held.push(checkedOut()) };
    const result = await transactions.defineTransaction('NEW', null, listeners).execute(async (transaction) => {
      await insert(transaction, 1);
      return 'done';
    });
    expect([result, await standing(), held]).to.deep.equal(['done', [1], [0]]);
  });

  it('rolls back what it rejects with', async () => {
    const boom = new Error('boom');
    const work = transactions.run(async (transaction) => {
      await insert(transaction, 1);
      throw boom;
    });
    expect(await work.catch((error) => error)).to.equal(boom);
    expect(await standing()).to.deep.equal([]);
  });

  it('undoes an inner part alone', async () => {
    await transactions.run(async (outer) => {
      await insert(outer, 1);
      await rejection(
        inner(outer).execute(async (part) => {
          await insert(part, 2);
          await inner(part).execute((deeper) => insert(deeper, 3));
          throw new Error('boom');
        }),
      );
      await inner(outer).execute((part) => insert(part, 4));
    });
    expect(await standing()).to.deep.equal([1, 4]);
  });

  it('leaves no recovery point behind', async () => {
    const error = await rejection(
      transactions.run(async (outer) => {
        await rejection(inner(outer).execute((part) => run(part, 'nonsense')));
        await run(outer, 'RELEASE SAVEPOINT inner_1');
      }),
    );
    expect(error).to.have.property('code', '3B001');
  });

  it('goes on after an inner statement that the database refused', async () => {
    await transactions.run(async (outer) => {
      await insert(outer, 1);
      const error = await rejection(inner(outer).execute((part) => insert(part, 1)));
      expect(error).to.have.property('code', '23505');
      await insert(outer, 2);
    });
    expect(await standing()).to.deep.equal([1, 2]);
  });

  it('does not call a commit what the database rolled back', async () => {
    const error = await rejection(
      transactions.run(async (transaction) => {
        transaction.notifyCreation('t', 'THING', 1);
        await insert(transaction, 1);
        await rejection(insert(transaction, 1));
      }),
    );
    expect(error).to.have.property('name', 'AbortedTransactionError');
    expect([await standing(), told]).to.deep.equal([[], []]);
  });

  it('does not call an inner part done in which a statement failed', async () => {
    await transactions.run(async (outer) => {
      await insert(outer, 1);
      const error = await rejection(
        inner(outer).execute(async (part) => {
          await insert(part, 2);
          await rejection(insert(part, 2));
        }),
      );
      expect(error).to.have.property('code', '25P02');
    });
    expect(await standing()).to.deep.equal([1]);
  });

  it('tells a commit that was refused from one that is unknown', async () => {
    const rolledBack = spy();
    const listeners = { onRollback: rolledBack };
    const error = await rejection(
      transactions.defineTransaction('NEW', null, listeners).execute(async (transaction) => {
        await run(transaction, 'SET CONSTRAINTS ALL DEFERRED');
        await insert(transaction, 1);
        await insert(transaction, 1);
      }),
    );
    expect(error).to.have.property('code', '23505');
    expect([await standing(), rolledBack.callCount]).to.deep.equal([[], 1]);
  });

  it('says that it does not know, when the connection goes while committing', async () => {
    await pool.query(`CREATE OR REPLACE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END'`);
    await pool.query(`CREATE CONSTRAINT TRIGGER cut AFTER INSERT ON things DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW EXECUTE FUNCTION cut()`);
    const ended = spy();
    const listeners = { onCommit: ended, onRollback: ended };
    const error = await rejection(
      transactions.defineTransaction('NEW', null, listeners).execute((transaction) => insert(transaction, 1)),
    );
    await pool.query('DROP TRIGGER cut ON things');
    expect(error).to.be.instanceOf(TransactionError).with.property('code', 'commit_unknown');
    expect([ended.callCount, await standing()]).to.deep.equal([0, []]);
  });

  it('survives the loss of its connection between two statements', async () => {
    const error = await rejection(
      transactions.run(async (transaction) => {
        await insert(transaction, 1);
        await cutAllOthers(pool);
        await insert(transaction, 2);
      }),
    );
    expect(error).to.be.instanceOf(Error);
    await transactions.run((transaction) => insert(transaction, 3));
    expect(await standing()).to.deep.equal([3]);
  });

  it('holds nothing when no connection can be had', async () => {
    await pool.query('SELECT 1');
    const nowhere = new pg.Pool({ host: '127.0.0.1', port: 1 });
    const { Implementation, close: closeNowhere } = subject.open(nowhere);
    const rolledBack = spy();
    const lost = new Implementation(undefined, { onRollback: rolledBack });
    expect(await rejection(lost.execute(() => 1))).to.have.property('code', 'ECONNREFUSED');
    expect([rolledBack.callCount, nowhere.totalCount]).to.deep.equal([1, 0]);
    await closeNowhere();
  });

  it('keeps inner transactions that run at once apart', async () => {
    await transactions.run(async (outer) => {
      const part = (id: number) =>
        inner(outer).execute(async (transaction) => {
          await insert(transaction, id);
          await run(transaction, 'SELECT pg_sleep(0.002)');
          if (id % 2 === 0) throw new Error('even');
        });
      await Promise.allSettled([1, 2, 3, 4, 5, 6].map(part));
    });
    expect(await standing()).to.deep.equal([1, 3, 5]);
  });

  it('rolls back the whole when an inner transaction was not awaited', async () => {
    const error = await rejection(
      transactions.run(async (outer) => {
        await insert(outer, 1);
        void inner(outer).execute(async (part) => {
          await run(part, 'SELECT pg_sleep(0.05)');
          await insert(part, 2);
        });
      }),
    );
    expect(error).to.have.property('code', 'not_awaited');
    expect(await standing()).to.deep.equal([]);
  });

  it('refuses statements after its end', async () => {
    let kept: T | undefined;
    await transactions.run(async (transaction) => {
      kept = transaction;
      await insert(transaction, 1);
    });
    const late = (async () => insert(kept!, 2))();
    expect(await rejection(late)).to.be.instanceOf(Error);
    expect(await standing()).to.deep.equal([1]);
  });

  it('gives every client back under many at once, and tells as often as it commits', async () => {
    const tries = Array.from({ length: 120 }, (_, id) =>
      transactions.run(async (transaction) => {
        await insert(transaction, id);
        transaction.notifyCreation('t', 'THING', id);
        if (id % 3 === 0) throw new Error('boom');
        if (id % 3 === 1) await insert(transaction, id);
      }),
    );
    const ends = await Promise.allSettled(tries);
    const done = ends.flatMap((end, id) => (end.status === 'fulfilled' ? [id] : []));
    expect(done).to.have.length(40);
    expect([await standing(), told.sort((a, b) => Number(a) - Number(b))]).to.deep.equal([done, done]);
  });

  it('does what the model says, however it is nested', async () => {
    await fc.assert(
      fc.asyncProperty(nesting, async (root) => {
        await pool.query('TRUNCATE things');
        told.length = 0;
        const perform = async (transaction: T, part: Part, path: number): Promise<void> => {
          const id = path * 4;
          await insert(transaction, id);
          transaction.notifyCreation('t', 'THING', id);
          for (const [index, next] of part.inner.entries()) {
            const done = inner(transaction).execute((deeper) => perform(deeper, next, id + index + 1));
            await (next.caught ? done.catch(() => undefined) : done);
          }
          if (part.fails) throw new Error('boom');
        };
        await transactions.run((transaction) => perform(transaction, root, 1)).catch(() => undefined);
        const expected = model(root, 1) ?? [];
        expect(told).to.deep.equal(expected);
        expect(await standing()).to.deep.equal([...expected].sort((a, b) => a - b));
        expect(checkedOut()).to.equal(0);
      }),
      { numRuns: 60 },
    );
  });
}

interface Part {
  readonly inner: readonly Part[];
  readonly fails: boolean;
  /** Whether the part around it goes on after its failure. */
  readonly caught: boolean;
}

const { nesting } = fc.letrec<{ nesting: Part }>((tie) => ({
  nesting: fc.record({
    inner: fc.oneof({ maxDepth: 4 }, fc.constant([]), fc.array(tie('nesting'), { maxLength: 3 })),
    fails: fc.integer({ min: 0, max: 3 }).map((dice) => dice === 0),
    caught: fc.boolean(),
  }),
}));

/** What stands of a part, in the order of telling: its own things at its begin, nothing if it ends in failure. */
function model(part: Part, path: number): number[] | undefined {
  const id = path * 4;
  const stands = [id];
  for (const [index, next] of part.inner.entries()) {
    const below = model(next, id + index + 1);
    if (below === undefined && !next.caught) return undefined;
    stands.push(...(below ?? []));
  }
  return part.fails ? undefined : stands;
}

async function cutAllOthers(pool: pg.Pool): Promise<void> {
  await pool.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()`);
}

export function rejection(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => {
      throw new Error('it was to reject');
    },
    (error: unknown) => error,
  );
}
