import { once } from 'node:events';
import { createServer, type Server as HttpServer, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import express from 'express';
import { io as connect } from 'socket.io-client';
import { rawPoll, rawRequest } from '../../../test-kit/client/raw-engine-client.ts';
import { listen, portOf } from '../../../test-kit/listen.ts';
import { createSocketServer } from '../../src/index.ts';

const isOriginAllowed = () => true;

describe('routeRequests', () => {
  let server: HttpServer;
  afterEach(() => new Promise((resolve) => server.close(resolve)));

  /** Listens, and counts the requests that reach the app. */
  async function serve(mount: (app: express.Express) => void): Promise<{ port: number; seen: () => number }> {
    const app = express();
    let seen = 0;
    app.use((_request, response) => {
      seen += 1;
      response.status(404).send('of the app');
    });
    mount(app);
    await listen(server);
    return { port: portOf(server), seen: () => seen };
  }

  for (const order of ['after', 'before'] as const) {
    it(`hides requests under the path from an app that is added ${order} the sockets`, async () => {
      const { port, seen } = await serve((app) => {
        server = order === 'before' ? createServer(app) : createServer();
        createSocketServer(server, { isOriginAllowed });
        if (order === 'after') server.on('request', app);
      });
      const answers = await Promise.all([rawPoll({ port }, ''), rawPoll({ port }, 'sid=none', {}, '40')]);
      expect(answers.map(({ body }) => JSON.parse(body).message)).to.deep.equal([
        'Transport unknown',
        'Transport unknown',
      ]);
      expect(seen()).to.equal(0);
      expect((await rawRequest({ port, path: '/socket.iox' }, '', {})).body).to.equal('of the app');
      expect((await rawRequest({ port, path: '/' }, '', {})).body).to.equal('of the app');
    });
  }

  it('serves a request that offers another protocol than WebSocket', async function () {
    server = createServer();
    if (!('shouldUpgradeCallback' in server)) {
      console.log('      skipped: this Node gives each request with the header Upgrade to the sockets');
      return this.skip();
    }
    createSocketServer(server, { isOriginAllowed });
    const { port, seen } = await serve((app) => server.on('request', app));
    for (const method of ['GET', 'POST']) {
      const headers = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABk' };
      const sent = request({ port, path: '/', method, headers }).end(method === 'POST' ? 'body' : undefined);
      const [answer] = (await once(sent, 'response')) as [IncomingMessage];
      expect(await text(answer)).to.equal('of the app');
    }
    expect(seen()).to.equal(2);
  });

  it('opens a WebSocket', async () => {
    server = createServer();
    const io = createSocketServer(server, { isOriginAllowed });
    await serve((app) => server.on('request', app));
    const socket = connect(`http://127.0.0.1:${portOf(server)}`, { transports: ['websocket'] });
    await new Promise<void>((resolve) => socket.on('connect', resolve));
    socket.close();
    await io.close();
    server = createServer().listen(0);
  });
});
