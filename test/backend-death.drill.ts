import type { Ack, SessionsResponse } from '@latchkey/contract';
import { createLatchkey, type Latchkey } from '@latchkey/sdk-server';
import { expect } from 'chai';
import pg from 'pg';
import { createPlainClient, newKey, type PlainClient } from '../test-kit/client/plain-client.ts';
import { type Cluster, createCluster } from '../test-kit/node/cluster.ts';
import type { ServiceProcess } from '../test-kit/node/service-process.ts';
import { waitFor } from '../test-kit/wait-for.ts';
import { type AppProcess, startApp } from './link/app-process.ts';

/** `npm run test:links` waits for the real end of the lease; otherwise the database is told that it has run out. */
const isLong = process.env.LINK_CUT_SECONDS !== undefined;
const leaseMs = 30_000;
const withinMs = 2_000;

describe('a backend process that dies', function () {
  this.timeout(90_000);
  let cluster: Cluster;
  let service: ServiceProcess;
  let doomed: AppProcess;
  let other: Latchkey;
  let client: PlainClient;
  const heard: { readonly kind: string; readonly sid: string; readonly serverId: string; readonly sockets: number }[] =
    [];

  before(async () => {
    cluster = await createCluster({ LATCHKEY_PUBLIC_URL: 'http://latchkey.test' });
    service = await cluster.start();
    const credential = await cluster.makeBackend();
    const latchkey = { url: service.url };
    doomed = await startApp(credential, { latchkey });
    const { backend_id: backendId, backend_secret: backendSecret } = credential;
    other = createLatchkey({ ...latchkey, backendId, backendSecret });
    other.onChanges('USER_SESSION', (_tenantId, { id: sid, serverId, connections: sockets }, kind) => {
      heard.push({ kind, sid, serverId, sockets });
    });
    await Promise.all([doomed.ready(), other.ready()]);
    client = createPlainClient({ url: service.url, socketUrl: doomed.url });
  });
  after(async () => {
    client.close();
    other.close();
    await doomed.stop();
    await cluster.stop();
  });

  async function endLease(serverId: string): Promise<void> {
    const database = new pg.Client({ connectionString: cluster.databaseUrl });
    await database.connect();
    const { rowCount } = await database
      .query('UPDATE servers SET lease_until = clock_timestamp() WHERE server_id = $1', [serverId])
      .finally(() => database.end());
    expect(rowCount).to.equal(1);
  }

  it('loses its presence when its lease expires, and other backends receive the deletions', async () => {
    const login = await client.register('mourned@example.test', 'correct horse battery');
    const socket = await client.connect();
    const told = await socket.authenticate({ ...login, rotation_key: newKey() });
    if (told.event !== 'authenticated') throw new Error(told.payload.code);
    const { access_token: token, session } = told.payload;
    const answer = await socket.call<Ack<{ at: string }>>('api', 'work', { id: 'where', ms: 0 });
    if (!answer.ok) throw new Error(answer.error.code);
    const serverId = answer.data.at;
    const comings = ['creation', 'deletion'];
    const news = () =>
      heard.filter(({ sid, kind }) => sid === session.id && comings.includes(kind)).map(({ sid: _, ...one }) => one);
    const isOnline = async () => {
      const headers = { authorization: `Bearer ${token}` };
      const { body } = await client.request<SessionsResponse>('GET', '/sessions', undefined, headers);
      return body.sessions.some(({ id, online }) => id === session.id && online);
    };
    await waitFor(async () => news().length > 0 && (await isOnline()), 4_000);
    expect(news()).to.deep.equal([{ kind: 'creation', serverId, sockets: 1 }]);

    const diedAt = performance.now();
    doomed.kill('SIGKILL');
    expect(await doomed.exited()).to.equal(137);
    expect(await socket.closed()).to.equal('transport close');
    if (!isLong) await endLease(serverId);
    const deadline = (isLong ? leaseMs : 0) + withinMs;
    await waitFor(() => news().length > 1, diedAt + deadline - performance.now());
    expect(news().slice(1)).to.deep.equal([{ kind: 'deletion', serverId, sockets: 0 }]);
    expect(other.getUserSessions()).to.deep.equal([]);
    expect(await isOnline()).to.equal(false);
    expect((await other.verify(token)).sid, 'the session itself lives on').to.equal(session.id);
  });
});
