import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { type Authenticated, type EndedSessions, paths, type SessionsResponse } from '@latchkey/contract';
import { expect } from 'chai';
import pg from 'pg';
import { io, type Socket } from 'socket.io-client';
import { createPlainClient, newKey, newPkce, type PlainClient } from '../../test-kit/client/plain-client.ts';
import type { PlainSocket } from '../../test-kit/client/plain-socket.ts';
import { type Cluster, createCluster } from '../../test-kit/node/cluster.ts';
import { readMetrics } from '../../test-kit/node/read-metrics.ts';
import { type ServiceProcess, startService } from '../../test-kit/node/service-process.ts';
import { waitFor } from '../../test-kit/wait-for.ts';
import { isInstalled, proxyNames, type RunningProxy, startProxy } from './proxy.ts';

const password = 'correct horse battery';

/** Signs up from another address of this machine, with a header that claims a third one. */
async function registerFrom(url: string, { localAddress, claimed }: { localAddress: string; claimed: string }) {
  const headers = { 'content-type': 'application/json', 'x-forwarded-for': claimed };
  const pkce = { code_challenge: newPkce().challenge, code_challenge_method: 'S256' };
  const sent = request(new URL(paths.register, url), { method: 'POST', headers, localAddress });
  sent.end(JSON.stringify({ email: 'dora@example.test', password, ...pkce }));
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  answer.resume();
  expect(answer.statusCode).to.equal(201);
}

async function readLastPrefix(databaseUrl: string): Promise<string> {
  const database = new pg.Client({ connectionString: databaseUrl });
  await database.connect();
  const { rows } = await database
    .query("SELECT address_prefix FROM audit WHERE action = 'register' ORDER BY id DESC LIMIT 1")
    .finally(() => database.end());
  return rows[0].address_prefix;
}

/** Sockets that come back by themselves, as those of browsers do, and the errors that they met meanwhile. */
function createTabs(url: string) {
  const errors: string[] = [];
  const tabs: Socket[] = [];
  function add(): void {
    const tab = io(url, {
      transports: ['websocket'],
      forceNew: true,
      reconnectionDelay: 50,
      reconnectionDelayMax: 200,
    });
    tab.on('connect_error', (error) => {
      const { description } = error as { description?: { message?: string } };
      errors.push(description?.message ?? error.message);
    });
    // After this reason Socket.IO leaves it to the page to come back.
    tab.on('disconnect', (reason) => reason === 'io server disconnect' && tab.connect());
    tabs.push(tab);
  }
  return {
    errors,
    add,
    untilOpen: () =>
      waitFor(
        () => tabs.every(({ connected }) => connected),
        10_000,
        () => errors.slice(0, 10),
      ),
    close() {
      for (const tab of tabs) tab.disconnect();
    },
  };
}

const countSockets = async (node: ServiceProcess) => (await readMetrics(node)).value('latchkey_sockets') ?? 0;

for (const name of proxyNames)
  describe(`two nodes behind ${name}`, function () {
    this.timeout(60_000);
    let cluster: Cluster;
    let nodes: [ServiceProcess, ServiceProcess];
    let proxy: RunningProxy;
    let client: PlainClient;

    before(async function () {
      if (!isInstalled(name)) {
        console.log(`skipped: this machine has no ${name}`);
        this.skip();
      }
      cluster = await createCluster({
        LATCHKEY_PUBLIC_URL: 'http://latchkey.test',
        LATCHKEY_TRUST_PROXY: '127.0.0.1',
        LATCHKEY_MAX_UNAUTHENTICATED_SOCKETS_PER_ADDRESS: '2000',
        LOG_LEVEL: 'info',
      });
      nodes = [await cluster.start(), await cluster.start()];
      proxy = await startProxy(name, [nodes[0].port, nodes[1].port]);
      client = createPlainClient(proxy);
    });
    after(async () => {
      client?.close();
      await proxy?.stop();
      await Promise.all((nodes ?? []).map((node) => node.stop()));
      await cluster?.stop();
    });

    async function signIn(email: string): Promise<{ socket: PlainSocket; session: Authenticated }> {
      const login = await client.register(email, password);
      return authenticate({ ...login });
    }

    async function authenticate(credential: object): Promise<{ socket: PlainSocket; session: Authenticated }> {
      const socket = await client.connect();
      const { event, payload } = await socket.authenticate({ ...credential, rotation_key: newKey() });
      if (event !== 'authenticated') throw new Error(payload.code);
      return { socket, session: payload };
    }

    it('open sockets by WebSocket on both, and a logout at one ends the session at the other', async () => {
      const { socket, session } = await signIn('ann@example.test');
      const reconnected = [{ socket, session }];
      const served = () => nodes.filter((node) => node.log().includes(session.session.id)).length;
      while (served() < 2 && reconnected.length < 10)
        reconnected.push(await authenticate({ token: reconnected.at(-1)!.session.token }));
      expect(served()).to.equal(2);
      for (const one of reconnected) expect(one.socket.raw.io.engine.transport.name).to.equal('websocket');
      const { data } = await socket.call<{ ok: true; data: EndedSessions }>('logout', {});
      expect(data).to.deep.equal({ ended: 1 });
      for (const one of reconnected) await one.socket.closed(5_000);
    });

    it('see the address of the client, and not the one that it claims', async () => {
      const { session } = await signIn('bob@example.test');
      const { body } = await client.request<SessionsResponse>('GET', paths.sessions, undefined, {
        authorization: `Bearer ${session.access_token}`,
      });
      expect(body.sessions.map((one) => one.address_prefix)).to.deep.equal(['127.0.0.0/24']);
      await registerFrom(proxy.url, { localAddress: '127.7.7.7', claimed: '203.0.113.9' });
      expect(await readLastPrefix(cluster.databaseUrl)).to.equal('127.7.7.0/24');
    });

    /** Stops a node and starts it again on its port, and waits until the proxy has found it. */
    async function restart(place: 0 | 1, tabs: ReturnType<typeof createTabs>): Promise<void> {
      const { port } = nodes[place];
      await nodes[place].stop();
      await tabs.untilOpen();
      const node = await startService({ env: cluster.env, port });
      nodes[place] = node;
      await node.ready();
      // No tab is closed: a request that ends would show nginx that the node lives.
      await waitFor(async () => {
        tabs.add();
        await tabs.untilOpen();
        return (await countSockets(node)) > 0;
      }, 20_000);
    }

    it('serve every WebSocket while each of them is restarted in turn', async () => {
      const tabs = createTabs(proxy.url);
      try {
        for (let count = 0; count < 8; count += 1) tabs.add();
        await tabs.untilOpen();
        await restart(0, tabs);
        await restart(1, tabs);
      } finally {
        tabs.close();
      }
      expect(tabs.errors).to.deep.equal([]);
    });

    it('serve every request after one of them was killed', async () => {
      const { session } = await signIn('cleo@example.test');
      nodes[0].kill('SIGKILL');
      await nodes[0].exited();
      let token = session.token;
      await waitFor(async () => {
        const next = await authenticate({ token }).catch(() => undefined);
        token = next?.session.token ?? token;
        return next !== undefined;
      }, 15_000);
      for (let round = 0; round < 6; round += 1)
        expect((await client.request('GET', paths.jwks)).status, `request ${round}`).to.equal(200);
    });
  });
