import { isReadOnlyServer, isTransientError } from '@latchkey/contract';
import { createSystemClock } from '@latchkey/core/internal';
import { expect } from 'chai';
import { sql } from 'kysely';
import { sharedPostgres } from '../../../test-kit/database/shared-postgres.ts';
import { createPostgresDatabase } from '../../src/db/postgres.ts';
import type { Database } from '../../src/db/types.ts';

const poolSize = 5;

describe('a pool whose server became read-only', () => {
  let url: string;
  let database: Database;
  before(async function () {
    this.timeout(60_000);
    url = await (await sharedPostgres()).createDatabase();
  });
  beforeEach(async () => {
    database = createPostgresDatabase({ url, poolSize, clock: createSystemClock(), onError: () => {} });
    await write('CREATE TABLE IF NOT EXISTS written (at timestamptz)');
  });
  afterEach(() => database.close());
  after(async () => (await sharedPostgres()).dropDatabase(url));

  const write = (text = 'INSERT INTO written VALUES (now())') => sql.raw(text).execute(database.db);
  const writesAtOnce = async () => {
    const results = await Promise.allSettled(Array.from({ length: poolSize }, () => write()));
    return results.map(({ status }) => status);
  };
  const everyWrite = Array.from({ length: poolSize }, () => 'fulfilled');

  /** What the connections of a pool see whose server was demoted; those that come lead to another server. */
  async function demote(): Promise<void> {
    const clients = await Promise.all(Array.from({ length: poolSize }, () => database.pool!.connect()));
    for (const client of clients) await client.query('SET default_transaction_read_only = on');
    for (const client of clients) client.release();
  }

  it('replaces every connection after the first refused write', async () => {
    await demote();
    const error = await write().catch((caught: unknown) => caught);
    expect([isReadOnlyServer(error), isTransientError(error)]).to.deep.equal([true, true]);
    expect(await writesAtOnce()).to.deep.equal(everyWrite);
  });

  it('replaces every connection after a check, before any write is refused', async () => {
    await demote();
    const error = await database.assertWritable().catch((caught: unknown) => caught);
    expect([isReadOnlyServer(error), isTransientError(error)]).to.deep.equal([true, true]);
    await database.assertWritable();
    expect(await writesAtOnce()).to.deep.equal(everyWrite);
  });

  it('replaces a connection that is in use when it is released', async () => {
    await demote();
    const busy = await database.pool!.connect();
    await write().catch(() => {});
    busy.release();
    expect(await writesAtOnce()).to.deep.equal(everyWrite);
  });

  it('opens no connection to a read-only server', async () => {
    const name = `"${new URL(url).pathname.slice(1)}"`;
    await write(`ALTER DATABASE ${name} SET default_transaction_read_only = on`);
    const other = createPostgresDatabase({ url, poolSize, clock: createSystemClock(), onError: () => {} });
    try {
      const error = await sql`SELECT 1`.execute(other.db).catch((caught: unknown) => caught);
      expect(error).to.have.property('message').that.contains('read-only');
      expect([isReadOnlyServer(error), isTransientError(error)]).to.deep.equal([true, true]);
    } finally {
      await other.close();
      await write(`ALTER DATABASE ${name} RESET default_transaction_read_only`);
    }
  });
});
