import { createServer } from 'node:http';
import { createLatchkey } from '@latchkey/sdk-server';
import pg from 'pg';
import type { Credential } from '../test-kit/client/plain-backend.ts';
import { listen, portOf } from '../test-kit/listen.ts';
import { type Cluster, createCluster } from '../test-kit/node/cluster.ts';
import type { ServiceProcess } from '../test-kit/node/service-process.ts';
import { openTab, showing, type Tab } from './users/tab.ts';

interface App {
  readonly urls: { readonly url: string; readonly socketUrl: string };
  close(): Promise<void>;
}

describe('online users, on two backends at two nodes', function () {
  this.timeout(90_000);
  let cluster: Cluster;
  let nodes: [ServiceProcess, ServiceProcess];
  let credential: Credential;
  let apps: [App, App];
  const tabs: Tab[] = [];

  before(async () => {
    cluster = await createCluster({ LATCHKEY_PUBLIC_URL: 'http://latchkey.test' });
    const database = new pg.Client({ connectionString: cluster.databaseUrl });
    await database.connect();
    await database
      .query(`INSERT INTO tenants (id, name, registration_open) VALUES ('acme', 'Acme', true), ('shop', 'Shop', true)`)
      .finally(() => database.end());
    nodes = [await cluster.start(), await cluster.start()];
    credential = await cluster.makeBackend();
    apps = [await startApp(nodes[0]), await startApp(nodes[1])];
  });
  afterEach(() => {
    for (const tab of tabs.splice(0)) tab.close();
  });
  after(async () => {
    for (const app of apps ?? []) await app.close();
    await cluster?.stop();
  });

  async function startApp({ url }: ServiceProcess): Promise<App> {
    const { backend_id: backendId, backend_secret: backendSecret } = credential;
    const log = { warn: () => {}, error: () => {} };
    const latchkey = createLatchkey({ url, backendId, backendSecret, log });
    const http = createServer();
    const io = latchkey.socketServe(http, { origins: [], users: { mayRead: () => true } });
    await listen(http);
    await latchkey.ready();
    const socketUrl = `http://127.0.0.1:${portOf(http)}`;
    return {
      urls: { url, socketUrl },
      async close() {
        latchkey.close();
        await io.close();
      },
    };
  }

  async function open(app: App, how: 'login' | 'register', name: string, tenant = 'acme'): Promise<Tab> {
    const tab = await openTab(app.urls, how, { name, tenant });
    tabs.push(tab);
    return tab;
  }

  it('are the same on both, and a user is offline only without tabs on either', async () => {
    const ada = [await open(apps[0], 'register', 'ada'), await open(apps[1], 'login', 'ada')];
    const ben = [await open(apps[0], 'register', 'ben'), await open(apps[1], 'login', 'ben')];
    const zoe = await open(apps[1], 'register', 'zoe', 'shop');
    await showing([...ada, ...ben], idOf(ada[0]!), idOf(ben[0]!));
    await showing([zoe], idOf(zoe));

    ben[0]!.close();
    const cid = await open(apps[0], 'register', 'cid');
    await showing([...ada, ben[1]!, cid], idOf(ada[0]!), idOf(ben[0]!), idOf(cid));
    ben[1]!.close();
    await showing([...ada, cid], idOf(ada[0]!), idOf(cid));
    await showing([zoe], idOf(zoe));
  });
});

function idOf({ session }: Tab): string {
  return session.user!.id;
}
