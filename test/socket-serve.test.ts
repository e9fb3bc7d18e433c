import { createServer, type Server as HttpServer } from 'node:http';
import type { Ack, EndedSessions } from '@latchkey/contract';
import { type Infra, socketServe } from '@latchkey/service';
import { expect } from 'chai';
import { createPlainClient, newKey, type PlainClient } from '../test-kit/client/plain-client.ts';
import { listen, portOf } from '../test-kit/listen.ts';
import { type Cluster, createCluster } from '../test-kit/node/cluster.ts';
import type { ServiceProcess } from '../test-kit/node/service-process.ts';

const password = 'correct horse battery';

describe('socketServe', function () {
  this.timeout(60_000);
  let cluster: Cluster;
  let service: ServiceProcess;
  let server: HttpServer;
  let infra: Infra;
  let client: PlainClient;

  before(async () => {
    cluster = await createCluster({ LATCHKEY_PUBLIC_URL: 'http://latchkey.test' });
    service = await cluster.start();
    server = createServer((_request, response) => void response.end('the host'));
    infra = socketServe(server, {
      databaseUrl: cluster.databaseUrl,
      secret: [cluster.env.LATCHKEY_SECRET!],
      publicUrl: 'http://latchkey.test',
      logLevel: 'silent',
    });
    infra.latchkey.apiRouter(infra.io, 'api').on('whoami', (_params, call) => call.userId);
    await listen(server);
    await infra.ready();
    const socketUrl = `http://127.0.0.1:${portOf(server)}`;
    client = createPlainClient({ url: service.url, socketUrl });
  });
  after(async () => {
    client?.close();
    await infra?.shutdown(1, { exit: false });
    server?.close();
    await cluster?.stop();
  });

  async function enter(email: string) {
    const login = await client.register(email, password);
    const socket = await client.connect();
    const outcome = await socket.authenticate({ ...login, rotation_key: newKey() });
    if (outcome.event !== 'authenticated') throw new Error(outcome.payload.code);
    return { socket, payload: outcome.payload };
  }

  it('signs sockets in with codes of another node, answers calls, and closes sockets of an ended session', async () => {
    const { socket, payload } = await enter('ada@example.test');
    expect(await socket.call('api', 'whoami')).to.deep.equal({ ok: true, data: payload.user.id });
    expect(infra.latchkey.getLocalUserSessions()).to.have.length(1);
    expect(await socket.call<Ack<EndedSessions>>('logout', {})).to.deep.equal({ ok: true, data: { ended: 1 } });
    expect(await socket.closed()).to.equal('io server disconnect');
    expect(infra.latchkey.getLocalUserSessions()).to.deep.equal([]);
  });

  it('adds no HTTP API to the server of the host', async () => {
    const port = portOf(server);
    const answer = await fetch(`http://127.0.0.1:${port}/health/live`);
    expect(await answer.text()).to.equal('the host');
  });

  it('refuses options of the calls, and anything but an HTTP server', () => {
    expect(() => socketServe(createServer(), { apiName: 'bank' } as never)).to.throw(
      TypeError,
      /socketServe: apiName is not an option/,
    );
    expect(() => socketServe({} as never)).to.throw(TypeError, 'socketServe takes a server of node:http');
  });
});
