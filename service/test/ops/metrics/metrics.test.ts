import { expect } from 'chai';
import { parseMetrics } from '../../../../test-kit/node/read-metrics.ts';
import { metricTable } from '../../../src/ops/metrics/metric-table.ts';
import { createMetrics } from '../../../src/ops/metrics/metrics.ts';

const read = async (metrics: ReturnType<typeof createMetrics>) => parseMetrics(await metrics.text());

describe('createMetrics', () => {
  it('has each metric of the table, and those of the process', async () => {
    const { names } = await read(createMetrics());
    expect(names).to.include.members(Object.keys(metricTable));
    expect(names).to.include.members(['nodejs_eventloop_lag_p99_seconds', 'process_resident_memory_bytes']);
  });

  it('counts events by their labels', async () => {
    const metrics = createMetrics();
    metrics.count('latchkey_logins_total', { method: 'password', result: 'ok' });
    metrics.count('latchkey_logins_total', { method: 'password', result: 'ok' });
    metrics.count('latchkey_logins_total', { method: 'password', result: 'rate_limited' }, 0);
    const { value } = await read(metrics);
    expect(value('latchkey_logins_total', { result: 'ok' })).to.equal(2);
    expect(value('latchkey_logins_total', { result: 'rate_limited' })).to.equal(0);
  });

  it('sorts observations into buckets', async () => {
    const metrics = createMetrics();
    for (const size of [1, 3, 300]) metrics.observe('latchkey_batch_size', { batch: 'rotations' }, size);
    const { value } = await read(metrics);
    expect(value('latchkey_batch_size_bucket', { le: '1' })).to.equal(1);
    expect(value('latchkey_batch_size_bucket', { le: '256' })).to.equal(2);
    expect(value('latchkey_batch_size_count')).to.equal(3);
    expect(value('latchkey_batch_size_sum')).to.equal(304);
  });

  it('reads states when the metrics are read, with the newest value', async () => {
    const metrics = createMetrics();
    let sessions = 1;
    metrics.read('latchkey_sessions_online', () => sessions);
    metrics.read('latchkey_password_hashes', async () => ({ running: sessions, waiting: 0 }));
    metrics.read('latchkey_sessions_opened_total', () => sessions);
    await read(metrics);
    sessions = 5;
    const { value } = await read(metrics);
    expect(value('latchkey_sessions_online')).to.equal(5);
    expect(value('latchkey_password_hashes', { state: 'running' })).to.equal(5);
    expect(value('latchkey_sessions_opened_total')).to.equal(5);
  });

  it('omits a state that cannot be read, and has the others', async () => {
    const metrics = createMetrics();
    metrics.read('latchkey_clock_offset_seconds', () => {
      throw new Error('the clock is unknown');
    });
    metrics.read('latchkey_health_check', () => Promise.reject(new Error('the database is away')));
    metrics.read('latchkey_mails_waiting', () => undefined);
    metrics.read('latchkey_sessions_online', () => 3);
    const { value } = await read(metrics);
    expect(value('latchkey_clock_offset_seconds')).to.equal(undefined);
    expect(value('latchkey_health_check')).to.equal(undefined);
    expect(value('latchkey_mails_waiting')).to.equal(undefined);
    expect(value('latchkey_sessions_online')).to.equal(3);
  });

  it('keeps the numbers of two nodes of a process apart', async () => {
    const [one, other] = [createMetrics(), createMetrics()];
    one.count('latchkey_suspensions_total', {});
    expect((await read(one)).value('latchkey_suspensions_total')).to.equal(1);
    expect((await read(other)).value('latchkey_suspensions_total')).to.equal(0);
  });
});

describe('the table of metrics', () => {
  it('names each metric by its unit, as Prometheus asks', () => {
    for (const [name, { type }] of Object.entries(metricTable)) {
      expect(name).to.match(/^latchkey_[a-z_]+$/);
      expect(name.endsWith('_total'), name).to.equal(type === 'counter');
      if (/age|offset|width|duration|timestamp/.test(name)) expect(name).to.match(/_seconds$/);
    }
  });
});
