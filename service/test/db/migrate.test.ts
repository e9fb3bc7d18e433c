import { readFileSync, writeFileSync } from 'node:fs';
import { migrations } from '@latchkey/migrations';
import { expect } from 'chai';
import { sql } from 'kysely';
import { sharedPostgres } from '../../../test/harness/shared-postgres.ts';
import { createSystemClock } from '../../src/base/clock.ts';
import { migrate, pendingMigrations } from '../../src/db/migrate.ts';
import { createPostgres } from '../../src/db/postgres.ts';
import { onEachDatabase } from '../databases.ts';
import { dumpSchema } from './schema-dump.ts';

const outcome = new URL('../../../migrations/schema.sql', import.meta.url);

onEachDatabase('migrations', (database) => {
  it('lead to migrations/schema.sql', async () => {
    const dump = await dumpSchema(database().db);
    // UPDATE_SCHEMA=true writes the file anew, for the review of a new step.
    if (process.env.UPDATE_SCHEMA === 'true') writeFileSync(outcome, dump);
    expect(dump).to.equal(readFileSync(outcome, 'utf8'));
  });

  it('are applied once', async () => {
    expect(await pendingMigrations(database())).to.deep.equal([]);
    expect(await migrate(database())).to.deep.equal([]);
  });

  it('of a newer version are none of our business', async () => {
    const { db } = database();
    await sql`INSERT INTO latchkey_migrations (name, timestamp) VALUES ('9999-later', '2100-01-01')`.execute(db);
    expect(await pendingMigrations(database())).to.deep.equal([]);
    expect(await migrate(database())).to.deep.equal([]);
    await sql`DELETE FROM latchkey_migrations WHERE name = '9999-later'`.execute(db);
  });
});

describe('migrations of nodes that start together', () => {
  const open = (url: string) => createPostgres({ url, poolSize: 4, clock: createSystemClock(), onError: () => {} });

  it('are applied by exactly one of them', async function () {
    this.timeout(30_000);
    const postgres = await sharedPostgres();
    const url = await postgres.createDatabase();
    const nodes = Array.from({ length: 4 }, () => open(url));
    const applied = await Promise.all(nodes.map(migrate));
    expect(applied.filter((names) => names.length > 0)).to.have.length(1);
    await Promise.all(nodes.map((node) => node.close()));
    await postgres.dropDatabase(url);
  });

  it('leave nothing behind when one dies half-way, and are done again', async function () {
    this.timeout(30_000);
    const postgres = await sharedPostgres();
    const url = await postgres.createDatabase();
    const node = open(url);
    // The step fails at its last table.
    await sql`CREATE TABLE rate_limits (x int)`.execute(node.db);
    expect(await migrate(node).catch((error: Error) => error)).to.be.instanceOf(Error);
    const { rows } = await sql<{ n: number }>`SELECT count(*) AS n FROM pg_class WHERE relname = 'sessions'`.execute(
      node.db,
    );
    expect(rows[0]!.n).to.equal(0);
    await sql`DROP TABLE rate_limits`.execute(node.db);
    expect(await migrate(node)).to.deep.equal(Object.keys(migrations));
    await node.close();
    await postgres.dropDatabase(url);
  });
});
