import { expect } from 'chai';
import { createPlainClient, newKey, type PlainClient } from '../test-kit/client/plain-client.ts';
import { type Cluster, createCluster } from '../test-kit/node/cluster.ts';
import { readMetrics } from '../test-kit/node/read-metrics.ts';
import { type ServiceProcess, startService } from '../test-kit/node/service-process.ts';
import { shiftedClock } from '../test-kit/shifted-clock.ts';
import { waitFor } from '../test-kit/wait-for.ts';
import { type AppProcess, startApp } from './link/app-process.ts';

const minute = 60_000;
const issuer = 'http://latchkey.test';
const password = 'correct horse battery';

describe('a node an hour behind with short access tokens, and a backend ten minutes ahead', () => {
  let cluster: Cluster;
  let right: ServiceProcess;
  let wrong: ServiceProcess;
  let app: AppProcess;
  let clients: [PlainClient, PlainClient];

  before(async function () {
    this.timeout(90_000);
    cluster = await createCluster({ LATCHKEY_PUBLIC_URL: issuer, LATCHKEY_ACCESS_TOKEN_EXPIRES_IN_SECS: '900' });
    const env = { ...cluster.env, LATCHKEY_ACCESS_TOKEN_EXPIRES_IN_SECS: '10', ...shiftedClock(-60 * minute) };
    [right, wrong] = await Promise.all([cluster.start(), startService({ env })]);
    const credential = await cluster.makeBackend();
    const latchkey = { url: wrong.url, issuer };
    app = await startApp(credential, { latchkey }, shiftedClock(10 * minute));
    await app.ready();
    clients = [createPlainClient({ url: right.url }), createPlainClient({ url: wrong.url })];
  });
  after(async function () {
    this.timeout(30_000);
    for (const client of clients) client.close();
    await Promise.all([app.stop(), wrong.stop()]);
    await cluster.stop();
  });

  /** What both nodes and the backend say of an access token. */
  async function saidOf(token: string): Promise<readonly (number | string)[]> {
    const bearer = { authorization: `Bearer ${token}` };
    const nodes = clients.map(async (client) => (await client.request('GET', '/me', undefined, bearer)).status);
    return Promise.all([...nodes, app.ask(token)]);
  }

  for (const [title, at] of [
    ['the right node at the other', [0, 1]],
    ['the other node at the right one', [1, 0]],
  ] as const)
    it(`accept a code of ${title}, and its session stays ended everywhere`, async () => {
      const [from, to] = at.map((index) => clients[index]!) as [PlainClient, PlainClient];
      const login = await from.register(`person${at[0]}@example.test`, password);
      const socket = await to.connect();
      const { event, payload } = await socket.authenticate({ ...login, rotation_key: newKey() });
      expect(event).to.equal('authenticated');
      const { access_token: token } = payload as { access_token: string };
      expect(await saidOf(token)).to.deep.equal([200, 200, '200']);
      await socket.call('logout', {});
      const refused = [401, 401, '401 unauthenticated'];
      await waitFor(async () => String(await saidOf(token)) === String(refused));
    });

  it('reports in its log and its readiness that the clock of its machine is off', async () => {
    expect(wrong.log()).to.include("this machine's clock is 3600 s behind the database's");
    const answer = await fetch(`${wrong.url}/health/ready`);
    const { checks } = (await answer.json()) as { checks: Record<string, string> };
    expect([answer.status, checks.clock_off, checks.clock_unknown]).to.deep.equal([503, 'failing', 'ok']);
    expect((await fetch(`${right.url}/health/ready`)).status).to.equal(200);
    const { value } = await readMetrics(wrong);
    expect(value('latchkey_clock_offset_seconds')).to.be.within(-3_605, -3_595);
    expect(value('latchkey_health_check', { check: 'clock_off' })).to.equal(0);
    expect(Math.abs((await readMetrics(right)).value('latchkey_clock_offset_seconds')!)).to.be.below(5);
  });
});
