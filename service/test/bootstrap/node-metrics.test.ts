import { endReasons } from '@latchkey/contract';
import { createSystemClock } from '@latchkey/core/internal';
import { expect } from 'chai';
import { parseMetrics } from '../../../test-kit/node/read-metrics.ts';
import { createNodeMetrics, readNodeMetrics } from '../../src/bootstrap/node-metrics.ts';
import { rotationVerdicts } from '../../src/domain/token/token.ts';
import { serviceCauses } from '../../src/ops/causes.ts';
import { createHealth } from '../../src/ops/health.ts';
import { metricTable } from '../../src/ops/metrics/metric-table.ts';
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

  /** Values of the labels of a counter. Absent: too many to be there before they are counted. */
  const known: Readonly<Record<string, readonly string[] | undefined>> = {
    latchkey_rotations_total: rotationVerdicts.map((verdict) => `verdict="${verdict}"`),
    latchkey_refusals_total: undefined,
    latchkey_http_requests_total: undefined,
    latchkey_logins_total: ['password', 'mail', 'invitation'].flatMap((method) =>
      ['ok', 'invalid_credentials', 'internal_error', 'overloaded'].map(
        (code) => `method="${method}",result="${code}"`,
      ),
    ),
    latchkey_registrations_total: ['ok', 'rate_limited', 'identifier_taken'].map((code) => `result="${code}"`),
    latchkey_revocations_total: endReasons.map((reason) => `reason="${reason}"`),
    latchkey_mails_total: ['sent', 'deferred', 'refused'].map((result) => `result="${result}"`),
    latchkey_causes_total: Object.keys(serviceCauses).map((cause) => `cause="${cause}"`),
    latchkey_job_failures_total: ['task="a task"'],
  };

  it('has each series of a counter with 0 before its first event', async () => {
    const { value } = await read();
    const counters = Object.entries(metricTable).filter(([, { type }]) => type === 'counter');
    const labelled = counters.filter(([, row]) => 'labels' in row).map(([name]) => name);
    expect(labelled).to.have.members(Object.keys(known));
    for (const [name, series = []] of Object.entries(known))
      for (const one of series) {
        const labels = Object.fromEntries(
          one.split(',').map((pair) => pair.split('=').map((text) => text.replaceAll('"', ''))),
        );
        expect(value(name, labels), `${name} ${one}`).to.equal(0);
      }
    for (const [name] of counters.filter(([, row]) => !('labels' in row))) expect(value(name), name).to.equal(0);
  });
});
