import { createSystemClock } from '@latchkey/core/internal';
import { expect } from 'chai';
import { parseMetrics } from '../../../test-kit/node/read-metrics.ts';
import { createNodeMetrics, readNodeMetrics } from '../../src/bootstrap/node-metrics.ts';
import { createHealth } from '../../src/ops/health.ts';
import { onEachDatabase } from '../databases.ts';
import { type Fixture, openFixture } from '../flow/fixture.ts';

onEachDatabase('readNodeMetrics', (database) => {
  let fixture: Fixture;
  let read: () => Promise<ReturnType<typeof parseMetrics>>;
  beforeEach(async () => {
    fixture = await openFixture(database());
    const { metrics } = createNodeMetrics();
    const health = createHealth({ ...fixture.domain, database: database() });
    health.setReady(true);
    const { domain, causes } = fixture;
    const around = { clock: createSystemClock(), log: {}, jobs: ['a task'] };
    readNodeMetrics(metrics, { domain, database: database(), health, causes, ...around });
    read = async () => parseMetrics(await metrics.text());
  });
  afterEach(() => fixture.stop());

  const pending = async () => (await read()).value('latchkey_database_pending_requests');

  it('counts no request that waits for a connection while the node is idle, nor its own checks', async function () {
    const { pool } = database();
    if (pool === undefined) return void expect(await pending()).to.equal(undefined);
    this.timeout(10_000);
    expect(await pending()).to.equal(0);
    // Requests that come in the same turn as the scrape get the idle connections.
    const idle = [pool.query('SELECT 1'), pending()] as const;
    expect(await idle[1]).to.equal(0);
    await idle[0];
    const { max } = pool.options;
    const taken = await Promise.all(Array.from({ length: max }, () => pool.connect()));
    try {
      const full = pending();
      await new Promise(setImmediate);
      taken.pop()!.release();
      expect(await full).to.equal(0);
    } finally {
      for (const client of taken) client.release();
    }
  });

  it('counts the requests that wait while all connections are in use', async () => {
    const { pool } = database();
    if (pool === undefined) return;
    const taken = await Promise.all(Array.from({ length: pool.options.max }, () => pool.connect()));
    const waiting = [pool.query('SELECT 1'), pool.query('SELECT 1')];
    const scrape = pending();
    await new Promise(setImmediate);
    for (const client of taken) client.release();
    expect(await scrape).to.equal(2);
    await Promise.all(waiting);
  });
});
