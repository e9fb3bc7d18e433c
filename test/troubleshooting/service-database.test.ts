import { type Ack, paths } from '@latchkey/contract';
import { expect } from 'chai';
import { createPlainClient, newKey, newPkce } from '../../test-kit/client/plain-client.ts';
import { codeOfAck } from '../../test-kit/codes.ts';
import { startPostgres } from '../../test-kit/database/postgres.ts';
import { type Cluster, createCluster } from '../../test-kit/node/cluster.ts';
import { readMetrics } from '../../test-kit/node/read-metrics.ts';
import { startService } from '../../test-kit/node/service-process.ts';
import { startTcpProxy, type TcpProxy } from '../../test-kit/tcp-proxy.ts';
import { waitFor } from '../../test-kit/wait-for.ts';

interface Line {
  readonly cause?: string;
  readonly msg: string;
  readonly setting?: string;
  readonly err?: object;
}

const loginOf = (email: string) => ({
  ...{ email, password: 'correct horse battery' },
  ...{ code_challenge: newPkce().challenge, code_challenge_method: 'S256' },
});

describe('troubleshooting: the database of the service', function () {
  this.timeout(90_000);
  let cluster: Cluster;
  let proxy: TcpProxy;
  before(async () => {
    cluster = await createCluster();
    proxy = await startTcpProxy({ port: Number(new URL(cluster.databaseUrl).port) });
  });
  after(async () => {
    await proxy.close();
    await cluster.stop();
  });

  it('requests_unavailable: a database that refuses connections, with one line for many requests', async () => {
    const node = await cluster.start({ DATABASE_URL: proxy.urlFor(cluster.databaseUrl), LOG_LEVEL: 'info' });
    const client = createPlainClient(node);
    proxy.refuse(true);
    proxy.cutAll();
    const login = loginOf('ann@example.test');
    const answers = await Promise.all(Array.from({ length: 8 }, () => client.request('POST', paths.login, login)));
    expect(answers.map(({ status }) => status)).to.deep.equal(Array(8).fill(503));
    const lines = node
      .log()
      .split('\n')
      .filter((line) => line.includes('"requests_unavailable"'));
    expect(lines).to.have.length(1);
    expect(JSON.parse(lines[0]!)).to.include({ level: 'error', setting: 'DATABASE_URL', count: 1 });
    expect(node.log()).to.not.include('request failed');
    proxy.refuse(false);
  });

  it('connections_lost: connections that something between cuts', async () => {
    const node = await cluster.start({ DATABASE_URL: proxy.urlFor(cluster.databaseUrl), LOG_LEVEL: 'info' });
    proxy.cutAll();
    await waitFor(() => node.log().includes('"connections_lost"'));
    const line = node
      .log()
      .split('\n')
      .find((one) => one.includes('"connections_lost"'))!;
    expect(JSON.parse(line)).to.include({ level: 'warn', setting: 'DATABASE_URL', count: 1 });
  });

  it('work_unavailable: a database that is stopped, with one line for each cause', async () => {
    const postgres = await startPostgres();
    const env = { DATABASE_URL: await postgres.createDatabase(), LOG_LEVEL: 'warn' };
    const migration = await startService({ env: { ...cluster.env, ...env }, args: ['migrate'] });
    expect(await migration.exited()).to.equal(0);
    const node = await cluster.start(env);
    const client = createPlainClient(node);
    try {
      const login = await client.register('ann@example.test', 'correct horse battery');
      const socket = await client.connect();
      await socket.authenticate({ ...login, rotation_key: newKey() });
      const before = node.log().length;
      await postgres.halt('immediate');
      const refused = await Promise.all(Array.from({ length: 5 }, () => socket.call<Ack<unknown>>('refresh', {})));
      expect(refused.map(codeOfAck)).to.deep.equal(Array(5).fill('unavailable'));
      const { status } = await client.request('POST', paths.login, loginOf('ann@example.test'));
      expect(status).to.equal(503);
      const count = async (name: string, labels = {}) => (await readMetrics(node)).value(name, labels) ?? 0;
      await waitFor(async () => (await count('latchkey_job_failures_total')) >= 3);
      await waitFor(async () => (await count('latchkey_background_errors_total')) >= 3);
      expect(await count('latchkey_causes_total', { cause: 'requests_unavailable' })).to.be.at.least(6);
      const work = (await count('latchkey_job_failures_total')) + (await count('latchkey_background_errors_total'));
      expect(await count('latchkey_causes_total', { cause: 'work_unavailable' }))
        .to.be.at.least(6)
        .and.at.most(work + 6);
      expect(await count('latchkey_causes_total', { cause: 'connections_lost' })).to.be.at.least(1);
      const lines = node
        .log()
        .slice(before)
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Line);
      const ofCauses = lines.map(({ cause, msg }) => cause ?? msg);
      expect(ofCauses).to.have.members(['requests_unavailable', 'work_unavailable', 'connections_lost']);
      for (const { cause, setting, err } of lines) {
        expect(setting, cause).to.equal('DATABASE_URL');
        expect(err, cause).to.include.keys('type', 'message', 'stack');
      }
    } finally {
      client.close();
      await node.stop();
      await postgres.stop();
    }
  });
});
