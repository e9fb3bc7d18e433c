import { createServer } from 'node:http';
import type { Ack, Authenticated, EndedSessions } from '@latchkey/contract';
import { createLatchkey, type Latchkey } from '@latchkey/sdk-server';
import { expect } from 'chai';
import pg from 'pg';
import type { Server } from 'socket.io';
import type { Credential } from '../test-kit/client/plain-backend.ts';
import { createPlainClient, newKey, type PlainClient } from '../test-kit/client/plain-client.ts';
import type { PlainSocket } from '../test-kit/client/plain-socket.ts';
import { listen, portOf } from '../test-kit/listen.ts';
import { type Cluster, createCluster } from '../test-kit/node/cluster.ts';
import type { ServiceProcess } from '../test-kit/node/service-process.ts';
import { waitFor } from '../test-kit/wait-for.ts';

const password = 'correct horse battery';

/** An app on sdk-server, at one node of the service, with what it heard of user sessions. */
interface App {
  readonly latchkey: Latchkey;
  readonly io: Server;
  readonly url: string;
  readonly heard: {
    readonly kind: string;
    readonly userId: string;
    readonly serverId: string;
    readonly sockets: number;
  }[];
}

describe('two backends at two nodes', function () {
  this.timeout(60_000);
  let cluster: Cluster;
  let nodes: [ServiceProcess, ServiceProcess];
  let apps: [App, App];
  let client: PlainClient;
  let users = 0;

  before(async () => {
    cluster = await createCluster({ LATCHKEY_PUBLIC_URL: 'http://latchkey.test' });
    await query(`INSERT INTO tenants (id, name, registration_open) VALUES ('acme', 'Acme', true)`);
    nodes = [await cluster.start(), await cluster.start()];
    const credential = await cluster.makeBackend();
    apps = [await startApp(nodes[0], credential), await startApp(nodes[1], credential)];
    client = createPlainClient({ url: nodes[0].url });
  });
  after(async function () {
    this.timeout(30_000);
    client.close();
    for (const { latchkey, io } of apps) {
      latchkey.close();
      await io.close();
    }
    await cluster.stop();
  });

  async function query(text: string): Promise<void> {
    const database = new pg.Client({ connectionString: cluster.databaseUrl });
    await database.connect();
    await database.query(text).finally(() => database.end());
  }

  async function startApp(node: ServiceProcess, { backend_id, backend_secret }: Credential): Promise<App> {
    const options = {
      url: node.url,
      backendId: backend_id,
      backendSecret: backend_secret,
    };
    const latchkey = createLatchkey(options);
    const heard: App['heard'] = [];
    latchkey.onChanges('USER_SESSION', (tenantId, session, type) => {
      expect(session.tenantId).to.equal(tenantId);
      heard.push({ kind: type, userId: session.userId, serverId: session.serverId, sockets: session.connections });
    });
    const http = createServer();
    const io = latchkey.socketServe(http, { origins: [] });
    await listen(http);
    await latchkey.ready();
    return { latchkey, io, url: `http://127.0.0.1:${portOf(http)}`, heard };
  }

  async function open(url: string, credential: object): Promise<{ socket: PlainSocket; told: Authenticated }> {
    const socket = await createPlainClientAt(url).connect();
    const outcome = await socket.authenticate({ ...credential, rotation_key: newKey() });
    if (outcome.event !== 'authenticated') throw new Error(outcome.payload.code);
    return { socket, told: outcome.payload };
  }
  const createPlainClientAt = (socketUrl: string) => createPlainClient({ url: nodes[0].url, socketUrl });

  /** Somebody new with one session, a socket of it on both apps and on a node of the service itself. */
  async function everywhere() {
    const login = await client.register(`both${++users}@example.test`, password, { tenant: 'acme' });
    const one = await open(apps[0].url, login);
    const two = await open(apps[1].url, { token: one.told.token });
    const own = await open(nodes[1].url, { token: two.told.token });
    const { id: userId } = one.told.user as { id: string };
    return { sockets: [one.socket, two.socket, own.socket], userId, sid: one.told.session.id };
  }
  const countsOf = (userId: string) => apps.map(({ latchkey }) => latchkey.countLocalSessionsByUserId(userId));
  const heardOf = (app: App, userId: string) =>
    app.heard
      .filter((news) => news.userId === userId)
      .map(({ kind, serverId, sockets }) => {
        const at = apps.findIndex(({ latchkey }) => latchkey.serverId === serverId);
        return `${kind} ${['one', 'two'][at] ?? 'service'} ${sockets}`;
      });

  it('list their own sockets, receive those of all servers, and close them at a logout on either', async () => {
    const { sockets, userId, sid } = await everywhere();
    expect(countsOf(userId)).to.deep.equal([1, 1]);
    for (const app of apps) {
      await waitFor(
        () => heardOf(app, userId).length >= 3,
        4_000,
        () => heardOf(app, userId),
      );
      expect(heardOf(app, userId)).to.have.members(['creation one 1', 'creation two 1', 'creation service 1']);
      const places = app.latchkey.getUserSessions().filter((session) => session.id === sid);
      expect(
        places.map(({ serverId }) => app.latchkey.isUserSessionServerOrigin({ zervServerId: serverId })),
      ).to.have.members([true, false, false]);
    }
    const login = await client.login(`both${users}@example.test`, password, { tenant: 'acme' });
    const other = await open(apps[1].url, login);
    expect(countsOf(userId), 'sessions, not sockets').to.deep.equal([1, 2]);
    other.socket.close();
    await waitFor(
      () => countsOf(userId)[1] === 1,
      4_000,
      () => countsOf(userId),
    );

    for (const app of apps) app.heard.length = 0;
    expect(await sockets[1]!.call<Ack<EndedSessions>>('logout', {})).to.deep.equal({ ok: true, data: { ended: 1 } });
    for (const socket of sockets) {
      expect(await socket.next('logged_out')).to.deep.equal({ reason: 'logout' });
      expect(await socket.closed()).to.equal('io server disconnect');
    }
    expect(countsOf(userId)).to.deep.equal([0, 0]);
    for (const app of apps) {
      const gone = ['deletion one 0', 'deletion two 0', 'deletion service 0'];
      await waitFor(
        () => gone.every((news) => heardOf(app, userId).includes(news)),
        4_000,
        () => heardOf(app, userId),
      );
    }
  });

  it('both receive when another tab is opened or closed on one', async () => {
    const login = await client.register(`both${++users}@example.test`, password, { tenant: 'acme' });
    const first = await open(apps[0].url, login);
    const { id: userId } = first.told.user as { id: string };
    const hears = async (news: string) => {
      for (const app of apps)
        await waitFor(
          () => heardOf(app, userId).at(-1) === news,
          4_000,
          () => heardOf(app, userId),
        );
    };
    await hears('creation one 1');
    const second = await open(apps[0].url, { token: first.told.token });
    await hears('update one 2');
    second.socket.close();
    await hears('update one 1');
    first.socket.close();
    await hears('deletion one 0');
    for (const app of apps) expect(heardOf(app, userId).length).to.equal(4);
  });

  it('end sessions by a shorter limit of their tenant, and warn of near ends, at once on both', async () => {
    const [over, near] = [await everywhere(), await everywhere()];
    await query(`UPDATE sessions SET created_at = created_at - interval '61 minutes' WHERE sid = '${over.sid}'`);
    await query(`UPDATE sessions SET created_at = created_at - interval '59 minutes' WHERE sid = '${near.sid}'`);
    const [one, two] = apps.map(({ latchkey }) => latchkey);
    expect(await two!.getTenantMaximumActiveSessionTimeoutInMins('acme')).to.equal(720);
    const began = performance.now();
    await one!.setTenantMaximumActiveSessionTimeout('acme', 60);
    for (const socket of over.sockets) {
      expect(await socket.next('logged_out', 2_000)).to.deep.equal({ reason: 'expired' });
      expect(await socket.closed()).to.equal('io server disconnect');
    }
    for (const socket of near.sockets) {
      const warning = await socket.next<{ in_seconds: number; reason: string }>('session_expiring', 2_000);
      expect(warning.reason).to.equal('expired');
      expect(warning.in_seconds).to.be.within(45, 60);
    }
    expect(performance.now() - began).to.be.below(2_000);
    expect(await two!.getTenantMaximumActiveSessionTimeoutInMins('acme')).to.equal(60);
    await two!.setTenantMaximumActiveSessionTimeout('acme', null);
    expect(await one!.getTenantMaximumActiveSessionTimeoutInMins('acme')).to.equal(720);
    expect(countsOf(over.userId)).to.deep.equal([0, 0]);
    expect(countsOf(near.userId)).to.deep.equal([1, 1]);
    for (const socket of near.sockets) socket.close();
  });
});
