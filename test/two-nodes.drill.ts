import type { Ack, EndedSessions, SessionsResponse } from '@latchkey/contract';
import { expect } from 'chai';
import pg from 'pg';
import { createPlainClient, newKey, type PlainClient } from '../test-kit/client/plain-client.ts';
import { type Cluster, createCluster } from '../test-kit/node/cluster.ts';
import type { ServiceProcess } from '../test-kit/node/service-process.ts';
import { waitFor } from '../test-kit/wait-for.ts';

async function query(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(text).finally(() => client.end());
}

const password = 'correct horse battery';

describe('two nodes on one Postgres', () => {
  let cluster: Cluster;
  let nodes: [ServiceProcess, ServiceProcess];
  let clients: [PlainClient, PlainClient];
  let users = 0;

  before(async function () {
    this.timeout(60_000);
    cluster = await createCluster({ LATCHKEY_PUBLIC_URL: 'http://latchkey.test', LOG_LEVEL: 'info' });
    nodes = [await cluster.start(), await cluster.start()];
  });
  after(async function () {
    this.timeout(30_000);
    await cluster.stop();
  });
  beforeEach(() => {
    clients = [createPlainClient({ url: nodes[0].url }), createPlainClient({ url: nodes[1].url })];
  });
  afterEach(() => {
    for (const client of clients) client.close();
  });

  /** One session with a tab on each node. */
  async function tabsOnBoth() {
    const login = await clients[0].register(`pair${++users}@example.test`, password);
    const one = await clients[0].connect();
    const first = await one.authenticate({ ...login, rotation_key: newKey() });
    if (first.event !== 'authenticated') throw new Error(first.payload.code);
    const two = await clients[1].connect();
    const second = await two.authenticate({ token: first.payload.token, rotation_key: newKey() });
    if (second.event !== 'authenticated') throw new Error(second.payload.code);
    return { one, two, first: first.payload, second: second.payload };
  }

  it('log what happens to a session with its id, each with its own node id', async function () {
    this.timeout(60_000);
    const { two, first, second } = await tabsOnBoth();
    const stale = await clients[1].connect();
    await stale.authenticate({ token: first.token, rotation_key: newKey() });
    await two.call('logout', {});
    const { id } = second.session;
    const linesOf = (node: ServiceProcess) =>
      node
        .log()
        .split('\n')
        .filter((line) => line.includes(id))
        .map((line) => JSON.parse(line));
    await waitFor(() => nodes.every((node) => linesOf(node).some(({ msg }) => msg === 'session ended')), 10_000);
    const [one, other] = nodes.map((node) => linesOf(node).map(({ msg, generation }) => [msg, generation ?? null]));
    expect(one).to.deep.equal([
      ['code accepted', 1],
      ['session ended', null],
    ]);
    expect(other!.slice(0, 2)).to.deep.equal([
      ['session token accepted', 2],
      ['session token refused', 1],
    ]);
    const ids = nodes.map((node) => new Set(linesOf(node).map((line) => line.node)));
    expect(ids.map(({ size }) => size)).to.deep.equal([1, 1]);
    expect([...ids[0]!][0])
      .to.match(/^[0-9a-f]{8}$/)
      .and.to.not.equal([...ids[1]!][0]);
    // It reads the end from before its start, which is no news.
    const late = await cluster.start();
    expect(linesOf(late)).to.deep.equal([]);
  });

  it('redeem a code of one on the other, and rotate wherever the tab reconnects', async () => {
    const login = await clients[0].register('elsewhere@example.test', password);
    const socket = await clients[1].connect();
    expect((await socket.authenticate({ ...login, rotation_key: newKey() })).event).to.equal('authenticated');
  });

  it('sign out a tab on one within a second after a logout on the other', async () => {
    const { one, two } = await tabsOnBoth();
    const began = performance.now();
    expect(await one.call<Ack<EndedSessions>>('logout', {})).to.deep.equal({ ok: true, data: { ended: 1 } });
    expect(await two.next('logged_out', 2_000)).to.deep.equal({ reason: 'logout' });
    expect(performance.now() - began).to.be.below(1_000);
    expect(await two.closed()).to.equal('io server disconnect');
  });

  it('both refuse the access token of a session that was ended on one', async () => {
    const { one, two, second } = await tabsOnBoth();
    await one.call('logout', {});
    await two.next('logged_out', 2_000);
    const bearer = { authorization: `Bearer ${second.access_token}` };
    for (const client of clients) expect((await client.request('GET', '/me', undefined, bearer)).status).to.equal(401);
  });

  it('end the session on both when a replaced token is presented to either', async () => {
    const { one, two, first } = await tabsOnBoth();
    await new Promise((resolve) => setTimeout(resolve, 400));
    const thief = await clients[0].connect();
    const outcome = await thief.authenticate({ token: first.token });
    expect((outcome.payload as { code: string }).code).to.equal('token_reused');
    for (const tab of [one, two]) expect(await tab.next('logged_out', 2_000)).to.deep.equal({ reason: 'token_reused' });
  });

  it('show which sessions are online, also after a node was killed', async function () {
    this.timeout(60_000);
    const third = await cluster.start();
    const client = createPlainClient({ url: third.url });
    const login = await client.register('dies@example.test', password);
    const lost = await client.connect();
    await lost.authenticate({ ...login, rotation_key: newKey() });
    const watcher = await clients[0].connect();
    const { payload } = await watcher.authenticate({
      ...(await clients[0].login('dies@example.test', password)),
      rotation_key: newKey(),
    });
    const bearer = { authorization: `Bearer ${(payload as { access_token: string }).access_token}` };
    const online = async () => {
      const list = await clients[0].request<SessionsResponse>('GET', '/sessions', undefined, bearer);
      return list.body.sessions.filter((session) => session.online && !session.current).length;
    };
    await waitFor(async () => (await online()) === 1);
    third.kill('SIGKILL');
    client.close();
    // Its lease of 30 s runs out; the living renew theirs.
    await query(cluster.databaseUrl, `UPDATE servers SET lease_until = lease_until - interval '30 s'`);
    expect(await online()).to.equal(0);
  });
});
