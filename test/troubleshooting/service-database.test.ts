import { paths } from '@latchkey/contract';
import { expect } from 'chai';
import { createPlainClient, newPkce } from '../../test-kit/client/plain-client.ts';
import { type Cluster, createCluster } from '../../test-kit/node/cluster.ts';
import { startTcpProxy, type TcpProxy } from '../../test-kit/tcp-proxy.ts';

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
    const pkce = { code_challenge: newPkce().challenge, code_challenge_method: 'S256' };
    const login = { email: 'ann@example.test', password: 'correct horse battery', ...pkce };
    const answers = await Promise.all(Array.from({ length: 8 }, () => client.request('POST', paths.login, login)));
    expect(answers.map(({ status }) => status)).to.deep.equal(Array(8).fill(503));
    const lines = node
      .log()
      .split('\n')
      .filter((line) => line.includes('"requests_unavailable"'));
    expect(lines).to.have.length(1);
    expect(JSON.parse(lines[0]!)).to.include({ level: 'error', setting: 'DATABASE_URL', count: 1 });
    expect(node.log()).to.not.include('request failed');
  });
});
