import { isTransientError } from '@latchkey/contract';
import { expect } from 'chai';
import { sql } from 'kysely';
import { waitFor } from '../../../test-kit/wait-for.ts';
import { withTransaction } from '../../src/db/transaction.ts';
import { onEachDatabase } from '../databases.ts';

const pauseMs = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

onEachDatabase('database', (database) => {
  it('gives the same types for bytes, big numbers, times and arrays', async () => {
    const { rows } = await sql<Record<string, unknown>>`
      SELECT '\\x0102'::bytea AS bytes, 3::bigint AS big, now() AS at, ARRAY[1,2] AS numbers, ARRAY['\\x0102'::bytea] AS list
    `.execute(database().db);
    const [row] = rows;
    expect(row!.bytes).to.deep.equal(Buffer.from([1, 2]));
    expect(row!.big).to.equal(3);
    expect(row!.at).to.be.instanceOf(Date);
    expect(row!.numbers).to.deep.equal([1, 2]);
  });

  it('repeats a transaction after a deadlock, and keeps nothing of a failed one', async () => {
    const deadlock = Object.assign(new Error('deadlock detected'), { code: '40P01' });
    let tries = 0;
    await withTransaction(database().db, async ({ tx }) => {
      await sql`INSERT INTO secrets (kid) VALUES (${`try ${++tries}`})`.execute(tx);
      if (tries < 3) throw deadlock;
    });
    const kept = await database().db.selectFrom('secrets').select('kid').execute();
    expect(kept).to.deep.equal([{ kid: 'try 3' }]);
  });

  it('continues after the loss of the connection that holds a lock, and reports it', async function () {
    const { kind, db, exclusively } = database();
    if (kind === 'embedded') this.skip();
    const lock = 7;
    const end = (state: string) =>
      sql`SELECT pg_terminate_backend(l.pid) FROM pg_locks l
      WHERE l.locktype = 'advisory' AND l.objid = ${lock} AND l.granted = (${state} = 'held')
        AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())`.execute(db);
    await exclusively(lock, async () => {
      const waiting = exclusively(lock, async () => 'never').catch((error: Error) => error.message);
      await pauseMs(200);
      await end('waits');
      expect(await waiting).to.match(/terminat/);
      await end('held');
      await pauseMs(100);
    });
    expect(await exclusively(lock, async () => 'free again')).to.equal('free again');
  });

  it('receives a notification as a hint', async () => {
    const hints: string[] = [];
    const stop = await database().listen('some_channel', () => hints.push('hint'));
    hints.length = 0;
    await sql`SELECT pg_notify('some_channel', '1')`.execute(database().db);
    await waitFor(() => hints.length > 0);
    await stop();
    expect(hints).to.deep.equal(['hint']);
  });

  it('releases the locks of a node that was suspended inside a transaction', async function () {
    if (database().kind !== 'postgres') this.skip();
    this.timeout(30_000);
    const head = sql`UPDATE blacklist_head SET counter = counter + 1`;
    let frozen: Promise<unknown> | undefined;
    await new Promise<void>((holds) => {
      frozen = withTransaction(database().db, async ({ tx }) => {
        await head.execute(tx);
        holds();
        await new Promise((resolve) => setTimeout(resolve, 7_000));
        await head.execute(tx);
      }).catch((error) => error);
    });
    const others: boolean[] = [];
    for (let i = 0; i < 4 && !others.includes(true); i++)
      others.push(
        await head.execute(database().db).then(
          () => true,
          () => false,
        ),
      );
    expect(others[0]).to.equal(false);
    expect(others.at(-1)).to.equal(true);
    expect(isTransientError(await frozen)).to.equal(true);
  });

  it('refuses changes and deletions of audit rows', async () => {
    await sql`INSERT INTO audit (action) VALUES ('x')`.execute(database().db);
    const error = await sql`DELETE FROM audit`.execute(database().db).catch((caught) => caught);
    expect(error.message).to.contain('append only');
  });
});
