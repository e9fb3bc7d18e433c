import { createServer, type Server as HttpServer } from 'node:http';
import { type InfraRouter, infraServe } from '@latchkey/service';
import { expect } from 'chai';
import Koa from 'koa';
import pg from 'pg';
import { listen, portOf } from '../test-kit/listen.ts';
import { type Cluster, createCluster } from '../test-kit/node/cluster.ts';
import { waitFor } from '../test-kit/wait-for.ts';
import { openTab, showing, type Tab } from './users/tab.ts';

describe('online users, in one process', function () {
  this.timeout(60_000);
  let cluster: Cluster;
  let server: HttpServer;
  let router: InfraRouter;
  let url: string;
  const tabs: Tab[] = [];
  const guests = new Set<string>();

  before(async () => {
    cluster = await createCluster();
    const database = new pg.Client({ connectionString: cluster.databaseUrl });
    await database.connect();
    await database
      .query(`INSERT INTO tenants (id, name, registration_open) VALUES ('acme', 'Acme', true), ('shop', 'Shop', true)`)
      .finally(() => database.end());
    server = createServer();
    const app = new Koa();
    router = infraServe(server, app, {
      databaseUrl: cluster.databaseUrl,
      secret: [cluster.env.LATCHKEY_SECRET!],
      ...{ argon2MemoryInKib: 7_168, argon2Passes: 1, logLevel: 'silent' },
      claim: ({ email }) => ({
        name: String(email).split('@')[0],
        role: guests.has(String(email)) ? 'guest' : 'member',
      }),
      users: { mayRead: ({ role }) => role === 'member', show: ({ payload }) => ({ name: payload.name }) },
    });
    server.on('request', app.callback());
    await listen(server);
    await router.ready();
    url = `http://127.0.0.1:${portOf(server)}`;
  });
  afterEach(() => {
    for (const tab of tabs.splice(0)) tab.close();
    guests.clear();
  });
  after(async () => {
    await router?.shutdown(1, { exit: false });
    server?.closeAllConnections();
    server?.close();
    await cluster?.stop();
  });

  async function open(how: 'login' | 'register', name: string, tenant = 'acme'): Promise<Tab> {
    const tab = await openTab({ url }, how, { name, tenant });
    tabs.push(tab);
    return tab;
  }

  it('contain each user of the tenant once, for any number of tabs, and none of another tenant', async () => {
    const ada = [await open('register', 'ada'), await open('login', 'ada')];
    const ben = [await open('register', 'ben'), await open('login', 'ben')];
    const zoe = await open('register', 'zoe', 'shop');
    await showing([...ada, ...ben], 'ada', 'ben');
    await showing([zoe], 'zoe');
    const fields = ada[0]!.latest()!.users.flatMap((user) => Object.keys(user));
    expect(new Set(fields)).to.deep.equal(new Set(['name', 'user_id']));

    ben[0]!.close();
    await open('register', 'cid');
    await showing([...ada, ben[1]!], 'ada', 'ben', 'cid');
    ben[1]!.close();
    await showing(ada, 'ada', 'cid');
    await showing([zoe], 'zoe');
  });

  it('are hidden from a user who loses the permission', async () => {
    const [dan, eve] = [await open('register', 'dan'), await open('register', 'eve')];
    await showing([dan, eve], 'dan', 'eve');
    guests.add('dan@example.test');
    await router.recomputeClaims(dan.session.user!.id);
    await waitFor(() => dan.latest()?.failure?.code === 'forbidden', 20_000, dan.latest);
    expect(dan.latest()!.users).to.deep.equal([]);
    const fay = await open('register', 'fay');
    await showing([eve, fay], 'dan', 'eve', 'fay');
    expect(dan.latest()!.users).to.deep.equal([]);
  });
});
