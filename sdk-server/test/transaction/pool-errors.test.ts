import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { sharedPostgres } from '../../../test-kit/database/shared-postgres.ts';
import {
  createTransactions,
  handlePoolErrors,
  kyselyTransactionClass,
  pgTransactionClass,
} from '../../src/transaction/index.ts';
import { rejection } from './on-postgres.ts';

/** An unhandled `error` event would fail each of these tests, as it would end a process. */
describe('a database connection that is lost', () => {
  let killer: pg.Client;
  let pool: pg.Pool;
  let logged: [unknown, string][];

  before(async () => {
    killer = new pg.Client({ connectionString: (await sharedPostgres()).url });
    await killer.connect();
  });
  beforeEach(async () => {
    pool = new pg.Pool({ connectionString: (await sharedPostgres()).url, max: 2 });
    logged = [];
  });
  after(() => killer.end());

  const log = {
    warn: ({ err }: { readonly err?: unknown }, message: string) => void logged.push([(err as Error).message, message]),
    error: () => {},
  };
  const kill = async (pid: number) => {
    await killer.query('SELECT pg_terminate_backend($1)', [pid]);
    await killer.query('SELECT pg_sleep(0.05)');
  };
  const oneLine = () => {
    expect(logged).to.deep.equal([
      ['terminating connection due to administrator command', 'a connection to the database was lost'],
    ]);
  };

  describe('under Kysely, with handlePoolErrors', () => {
    const open = () => {
      const db = new Kysely<object>({ dialect: new PostgresDialect({ pool: handlePoolErrors(pool, log) }) });
      const { run } = createTransactions({ TransactionImplementationClass: kyselyTransactionClass(db) });
      const pidIn = async (one: { db: typeof db }) => {
        const { rows } = await sql<{ pid: number }>`SELECT pg_backend_pid() AS pid`.execute(one.db);
        return rows[0]!.pid;
      };
      return { db, run, pidIn };
    };

    it('rejects its transaction, logs one line, and serves the next one', async () => {
      const { db, run, pidIn } = open();
      const work = run(async (transaction) => {
        await kill(await pidIn(transaction as never));
        await pidIn(transaction as never);
      });
      expect(await rejection(work)).to.be.instanceOf(Error);
      expect(await run((transaction) => pidIn(transaction as never))).to.be.a('number');
      expect(pool.totalCount - pool.idleCount).to.equal(0);
      oneLine();
      await db.destroy();
    });

    it('is replaced when it was idle, and logged once', async () => {
      const { db, run, pidIn } = open();
      const pid = await run((transaction) => pidIn(transaction as never));
      await kill(pid);
      expect(await run((transaction) => pidIn(transaction as never))).to.not.equal(pid);
      oneLine();
      await db.destroy();
    });
  });

  it('is reported as a process warning without a logger', async () => {
    const warned: Error[] = [];
    const note = (warning: Error) => void warned.push(warning);
    process.on('warning', note);
    handlePoolErrors(handlePoolErrors(pool));
    const { rows } = await pool.query('SELECT pg_backend_pid() AS pid');
    await kill(rows[0].pid);
    await sleep(10);
    process.off('warning', note);
    expect(warned.map(({ message }) => message)).to.deep.equal([
      'a connection to the database was lost: terminating connection due to administrator command',
    ]);
    await pool.end();
  });

  it('is handled under pgTransactionClass, and logged where the pool has a logger, idle or not', async () => {
    const { run } = createTransactions({ TransactionImplementationClass: pgTransactionClass(pool) });
    handlePoolErrors(pool, log);
    const { rows } = await run((transaction) => transaction.query<{ pid: number }>('SELECT pg_backend_pid() AS pid'));
    await kill(rows[0]!.pid);
    expect((await run((transaction) => transaction.query('SELECT 1'))).rowCount).to.equal(1);
    oneLine();
    await pool.end();
  });
});
