import { createServer, type RequestListener, request, type Server } from 'node:http';
import { createSession, type Session, type SessionOptions } from '@latchkey/sdk-browser';
import { getApi } from '@latchkey/sdk-browser/api';
import { expect } from 'chai';
import { type SinonStub, stub } from 'sinon';
import { Server as SocketServer } from 'socket.io';
import { listen } from '../../test-kit/listen.ts';
import { type ServiceProcess, startService } from '../../test-kit/node/service-process.ts';
import { waitFor } from '../../test-kit/wait-for.ts';

const password = 'violet anchor rain';

/** As the localStorage of one origin. */
function createStorage(): Storage {
  const entries = new Map<string, string>();
  return {
    get length() {
      return entries.size;
    },
    key: (index) => [...entries.keys()][index] ?? null,
    getItem: (name) => entries.get(name) ?? null,
    setItem: (name, value) => void entries.set(name, value),
    removeItem: (name) => void entries.delete(name),
    clear: () => entries.clear(),
  };
}

describe('troubleshooting: a page', function () {
  this.timeout(60_000);
  let service: ServiceProcess;
  let warn: SinonStub;
  let session: Session;
  let users = 0;
  const servers: Server[] = [];

  before(async () => {
    service = await startService();
    await service.ready();
  });
  after(() => service?.stop());
  beforeEach(() => {
    warn = stub(console, 'warn');
  });
  afterEach(() => {
    warn.restore();
    session.close();
    for (const server of servers.splice(0)) {
      server.closeAllConnections();
      server.close();
    }
  });

  async function signedIn(options: Partial<SessionOptions> = {}): Promise<void> {
    session = createSession({ url: service.url, trackActivity: false, ...options });
    users += 1;
    await session.register({ email: `user${users}@example.com`, password });
  }
  async function serve(listener: RequestListener): Promise<string> {
    const server = createServer(listener);
    servers.push(server);
    return listen(server);
  }
  const lines = (): string[] => warn.args.map((args) => args.join(' '));

  it('apis_left_out: fetch of an API without a token', async () => {
    const api = await serve((_request, response) => void response.writeHead(401).end());
    await signedIn();
    for (let turn = 0; turn < 2; turn += 1) expect((await session.fetch(`${api}/accounts`)).status).to.equal(401);
    expect(lines()).to.deep.equal([
      `Latchkey: fetch sends no access token to ${api}, which is not in apis.`,
      `Latchkey: ${api} answers 401. Add it to apis if it may receive the access token.`,
    ]);
  });

  it('socket_url_left_out: a call on the sockets of the service', async () => {
    await signedIn();
    const calls = [1, 2].map((account) => getApi(session, 'bank').call('balance', { account }, { timeoutMs: 500 }));
    for (const { status } of await Promise.allSettled(calls)) expect(status).to.equal('rejected');
    expect(lines()).to.have.length(1);
    expect(lines()[0]).to.match(/^Latchkey: .* did not run the call balance of bank\. Set socketUrl .*\.$/);
  });

  const logged = async (...parts: readonly string[]): Promise<void> => {
    const isThere = () => lines().some((line) => parts.every((part) => line.includes(part)));
    await waitFor(isThere, 20_000).catch(() => {
      throw new Error(`no line of ${parts.join(', ')}: ${lines().join()}`);
    });
  };

  it('no_websocket: a proxy that passes HTTP alone', async () => {
    const socketUrl = await serve((incoming, response) => {
      const { url: path, method, headers } = incoming;
      incoming.pipe(
        request(service.url + path, { method, headers }, (answer) => {
          response.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(response);
        }),
      );
    });
    servers.at(-1)!.on('upgrade', (_request, socket) => socket.destroy());
    await signedIn({ socketUrl });
    await logged(socketUrl, 'LATCHKEY_LONG_POLLING');
    expect(session.state).to.include({ status: 'offline', reason: 'no_websocket' });
  });

  it('socket_url_wrong: an address of something else', async () => {
    const socketUrl = await serve((_request, response) => void response.writeHead(404).end());
    await signedIn({ socketUrl });
    await logged(socketUrl, 'socketUrl');
    expect(session.state).to.include({ status: 'error', reason: 'not_a_service' });
  });

  for (const [what, status, type] of [
    ['a page', 200, 'text/html'],
    ['a server without that path', 404, 'text/plain'],
  ] as const) {
    it(`url_wrong: ${what} answers in place of the service`, async () => {
      const url = await serve(
        (_request, response) => void response.writeHead(status, { 'content-type': type }).end('x'),
      );
      session = createSession({ url, trackActivity: false });
      for (let turn = 0; turn < 2; turn += 1) {
        await session.login({ email: 'ada@example.com', password }).catch(() => {});
      }
      expect(lines()).to.deep.equal([
        `Latchkey: ${url} answers ${status}, but is not a Latchkey service. Check url, and proxies in front of the service.`,
      ]);
    });
  }

  it('connection_refused: a middleware of the Socket.IO server', async () => {
    const socketUrl = await serve((_request, response) => void response.end());
    const io = new SocketServer(servers.at(-1));
    io.use((_socket, next) => next(new Error('members only')));
    await signedIn({ socketUrl });
    await logged(socketUrl, 'middleware', 'members only');
    expect(session.state).to.include({ status: 'error', reason: 'connection_refused' });
    await io.close();
  });

  it('storage_shared: another app of the origin signs in another user', async () => {
    const storage = createStorage();
    await signedIn({ storage });
    const before = session.state.user?.id;
    const follower = session;
    try {
      await signedIn({ storage });
      await waitFor(() => follower.state.status === 'active' && follower.state.user?.id !== before);
      expect(lines()).to.have.length(1);
      expect(lines()[0]).to.match(/^Latchkey: another tab signed in another user, .* storageKey\.$/);
    } finally {
      follower.close();
    }
  });

  it('prints nothing when nothing is wrong', async () => {
    const api = await serve((request, response) => void response.end(request.headers.authorization));
    await signedIn({ apis: [api] });
    expect(await (await session.fetch(api)).text()).to.match(/^(Bearer|DPoP) /);
    const open = await serve((_request, response) => void response.end());
    await session.fetch(open, { headers: { authorization: 'Basic eDp5' } });
    await session.logout();
    await session.fetch(open);
    expect(lines()).to.deep.equal([]);
  });
});
