import { createServer, type Server as HttpServer, type ServerResponse } from 'node:http';
import type { Socket as NetSocket } from 'node:net';
import { expect } from 'chai';
import type { Server } from 'socket.io';
import { io as connect, type Socket } from 'socket.io-client';
import { listen, portOf } from '../../test-kit/listen.ts';
import { waitFor } from '../../test-kit/wait-for.ts';
import { createLatchkey, type Latchkey, type LatchkeyOptions } from '../src/index.ts';
import { grant, type ScriptedService, sessionId, startScriptedService, userId } from './client/scripted-service.ts';

describe('createLatchkey', () => {
  let service: ScriptedService;
  let latchkey: Latchkey;
  let http: HttpServer;
  let io: Server;
  let port: number;
  const clients: Socket[] = [];

  const client = (origin = 'https://app.test') => {
    const socket = connect(`http://127.0.0.1:${port}`, {
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      extraHeaders: { origin },
    });
    clients.push(socket);
    return socket;
  };
  const next = <T>(socket: Socket, event: string) => new Promise<T>((resolve) => void socket.once(event, resolve));

  beforeEach(async () => {
    service = await startScriptedService();
    service.answers.exchange = () => ({ ok: true, data: grant });
    latchkey = createLatchkey({ url: `${service.url}/`, backendId: 'bank', backendSecret: 'secret' });
    http = createServer();
    io = latchkey.socketServe(http, { origins: ['https://app.test'] });
    await listen(http);
    port = portOf(http);
    await latchkey.ready();
  });

  afterEach(async () => {
    for (const socket of clients.splice(0)) socket.close();
    latchkey.close();
    await io.close();
    await service.stop();
  });

  const wrong: [string, Partial<LatchkeyOptions>][] = [
    ['url', { url: 'auth.example.test' }],
    ['backendId', { backendId: '' }],
    ['backendSecret', { backendSecret: undefined as never }],
    ['policy', { policy: 'perhaps' as never }],
    ['maxStalenessMs', { maxStalenessMs: 0 }],
    ['spreadInSecs', { spreadInSecs: -1 }],
    ['cacheSize', { cacheSize: 0.5 }],
  ];
  for (const [name, options] of wrong) {
    it(`throws with the name of the invalid option: ${name}`, () => {
      const good = { url: service.url, backendId: 'b', backendSecret: 's' };
      expect(() => createLatchkey({ ...good, ...options })).to.throw(TypeError, name);
    });
  }

  for (const guard of ['express', 'koa', 'fastify', 'node'] as const) {
    it(`throws at once for the invalid policy of a route: ${guard}`, () => {
      expect(() => latchkey[guard]({ policy: 'dney' as never })).to.throw(TypeError, 'policy');
    });
  }

  it('rejects an invalid policy of verify, also while the revocation list is fresh', async () => {
    const work = latchkey.verify(await service.token(), { policy: 'dney' as never });
    expect(await work.catch((error: unknown) => error)).to.be.instanceOf(TypeError);
  });

  it('verifies tokens by the key set, and refuses a cached token whose session ended', async () => {
    const token = await service.token();
    expect((await latchkey.verify(token)).sub).to.equal(userId);
    service.end([sessionId]);
    await waitFor(() => latchkey.health().revokedCount === 1);
    const failure = await latchkey.verify(token).catch((error: { code: string }) => error);
    expect(failure).to.include({ code: 'unauthenticated' });
  });

  it('reads the key set again when the service sends that keys changed', async () => {
    await latchkey.verify(await service.token());
    await service.newKey('k2', { published: true });
    const before = service.jwksFetches();
    service.push('keys_changed', undefined);
    await waitFor(() => service.jwksFetches() === before + 1);
    await waitFor(async () => (await latchkey.verify(await service.token()).catch(() => undefined)) !== undefined);
    expect(service.jwksFetches()).to.equal(before + 1);
  });

  describe('after a signing key was removed', () => {
    const isRefused = (token: string) =>
      latchkey.verify(token).then(
        () => false,
        (error: { code: string }) => error.code === 'unauthenticated',
      );
    /** All that was pushed before has arrived. */
    const arrived = () => latchkey.getTenantMaximumActiveSessionTimeoutInMins('acme').catch(() => undefined);

    it('refuses its tokens, also when the key set could not be read at once', async () => {
      const token = await service.token();
      await latchkey.verify(token);
      const { jwks } = service;
      service.jwks = (response) => response.writeHead(503).end();
      const before = service.jwksFetches();
      service.takeBack('k1');
      service.push('keys_changed', undefined);
      await waitFor(() => service.jwksFetches() > before);
      service.jwks = jwks;
      await waitFor(() => isRefused(token));
    });

    it('refuses its tokens, also when the key set was being read already', async () => {
      const token = await service.token();
      await latchkey.verify(token);
      const before = await (await fetch(service.url)).text();
      const { jwks } = service;
      const late: ServerResponse[] = [];
      service.jwks = (response) => void late.push(response);
      service.push('keys_changed', undefined);
      await waitFor(() => late.length === 1);
      service.takeBack('k1');
      service.jwks = jwks;
      service.push('keys_changed', undefined);
      await arrived();
      late[0]?.end(before);
      await waitFor(() => isRefused(token));
    });
  });

  it('returns its health', async () => {
    const { revocationAgeMs, ...health } = latchkey.health();
    expect(health).to.deep.equal({
      isConnected: true,
      isReady: true,
      isStale: false,
      revokedCount: 0,
      sessionCount: 0,
      causes: [],
    });
    expect(revocationAgeMs).to.be.within(0, 5_000);
    service.cut();
    await waitFor(() => !latchkey.health().isConnected);
    await waitFor(() => latchkey.health().isConnected);
  });

  describe('socketServe', () => {
    it('signs sockets in through the service, confirms tokens, and reports presence', async () => {
      const socket = client();
      socket.emit('authenticate', { token: 'old', rotation_key: 'AAAAAAAAAAAAAAAAAAAAAA' });
      const stored = new Promise<{ token: string }>((resolve) => {
        socket.once('authenticated', (payload, ack) => {
          ack();
          resolve(payload);
        });
      });
      expect((await stored).token).to.equal('next');
      const [server] = [...io.sockets.sockets.values()];
      expect(server!.data).to.deep.equal({ sid: sessionId, userId, tenantId: 'tenant-1', scope: '' });
      await waitFor(() => service.of('confirm').length === 1);
      expect(service.of('confirm')).to.deep.equal([{ sid: sessionId, gen: 2 }]);
      await waitFor(() => service.of('presence').length === 2);
      expect(service.of('presence').at(-1)).to.deep.equal({ counts: [[sessionId, 1]] });
      expect(latchkey.health().sessionCount).to.equal(1);
    });

    it('serves typed calls, and waits for them at a stop', async () => {
      let end = () => {};
      latchkey.apiRouter(io, 'api').on('slow', async (_params, call) => {
        await new Promise<void>((resolve) => (end = resolve));
        return call.session.id;
      });
      const socket = client();
      socket.emit('authenticate', { token: 'old' });
      await next(socket, 'authenticated');
      const running = socket.timeout(2_000).emitWithAck('api', 'slow');
      await waitFor(() => Object.keys(latchkey.activitiesInProgress()).length === 1);
      const stopped = latchkey.shutdown(5);
      end();
      expect(await running).to.deep.equal({ ok: true, data: sessionId });
      expect((await stopped).unfinished).to.deep.equal({});
    });

    it('answers HTTP requests in flight at a stop, and closes the connections of later ones', async () => {
      let end = () => {};
      http.on('request', (request, response) => {
        if (request.url === '/slow') end = () => response.end('done');
        else response.end('late');
      });
      const port = portOf(http);
      const ask = (path: string) => fetch(`http://127.0.0.1:${port}${path}`);
      const slow = ask('/slow');
      await waitFor(() => Object.keys(latchkey.activitiesInProgress()).length === 1);
      expect(latchkey.activitiesInProgress()).to.deep.equal({ 'HTTP GET': 1 });
      let isOver = false;
      const stopped = latchkey.shutdown(5).finally(() => {
        isOver = true;
      });
      const late = await ask('/late');
      expect([await late.text(), late.headers.get('connection'), isOver]).to.deep.equal(['late', 'close', false]);
      end();
      expect(await (await slow).text()).to.equal('done');
      expect((await stopped).unfinished).to.deep.equal({});
    });

    it('closes the sockets of a session that ended on another server', async () => {
      const socket = client();
      socket.emit('authenticate', { token: 'old' });
      await next(socket, 'authenticated');
      const told = next<{ reason: string }>(socket, 'logged_out');
      const closed = next<string>(socket, 'disconnect');
      service.end([sessionId]);
      expect(await told).to.deep.equal({ reason: 'logout' });
      expect(await closed).to.equal('io server disconnect');
    });

    it('keeps open sockets without a connection to the service, and refuses new ones as retryable', async () => {
      const socket = client();
      socket.emit('authenticate', { token: 'old' });
      await next(socket, 'authenticated');
      await service.stop();
      await waitFor(() => !latchkey.health().isConnected);
      const newcomer = client();
      newcomer.emit('authenticate', { token: 'other' });
      const refusal = await next<{ code: string; retryable: boolean }>(newcomer, 'unauthorized');
      expect(refusal).to.include({ code: 'unavailable', retryable: true });
      expect([socket.connected, newcomer.connected]).to.deep.equal([true, true]);
    });

    it('refuses the upgrade for pages of other origins', async () => {
      const stranger = client('https://evil.test');
      await next(stranger, 'connect_error');
    });

    it('throws at a second call, and without origins', () => {
      expect(() => latchkey.socketServe(createServer(), { origins: [] })).to.throw(TypeError, 'called before');
      const other = createLatchkey({ url: service.url, backendId: 'b', backendSecret: 's' });
      expect(() => other.socketServe(createServer(), {} as never)).to.throw(TypeError, 'origins');
      other.close();
    });

    it('lists the sessions of its sockets, and reports when one is destroyed', async () => {
      const destroyed: string[] = [];
      latchkey.onLocalUserSessionDestroy(({ id }, reason) => destroyed.push(`${id} ${reason}`));
      const socket = client();
      socket.emit('authenticate', { token: 'old' });
      await next(socket, 'authenticated');
      const [session] = latchkey.getLocalUserSessions();
      expect(session).to.include({ id: sessionId, userId, active: true, zervServerId: latchkey.serverId });
      expect(latchkey.countLocalSessionsByUserId(userId)).to.equal(1);
      expect([latchkey.isLocalUserSession(session!), latchkey.isUserSessionServerOrigin(session!)]).to.deep.equal([
        true,
        true,
      ]);
      service.end([sessionId]);
      await next(socket, 'disconnect');
      expect(destroyed).to.deep.equal([`${sessionId} logout`]);
      expect(latchkey.isLocalUserSession(session!)).to.equal(false);
    });

    it('is drained by a shutdown, after the activities in progress', async () => {
      const socket = client();
      socket.emit('authenticate', { token: 'old' });
      await next(socket, 'authenticated');
      const done = latchkey.registerActivity('transfer');
      const closed = next<string>(socket, 'disconnect');
      const report = latchkey.shutdown(5);
      expect(latchkey.isServerShutDownInProgress()).to.equal(true);
      expect(() => latchkey.registerActivity('another'))
        .to.throw()
        .with.property('code', 'server_draining');
      done();
      expect(await closed).to.equal('transport close');
      expect(await report).to.deep.equal({ unfinished: {}, sockets: { notified: 1, terminated: 0 } });
    });

    for (const [title, stop] of [
      ['a shutdown', () => latchkey.shutdown(1)],
      ['its end', () => undefined],
    ] as const)
      it(`is closed soon after ${title}, also when a client has vanished without a close`, async () => {
        const socket = client();
        socket.emit('authenticate', { token: 'old' });
        await next(socket, 'authenticated');
        (socket.io.engine.transport as unknown as { ws: { _socket: NetSocket } }).ws._socket.pause();
        const begun = performance.now();
        await stop();
        latchkey.close();
        await io.close();
        expect(performance.now() - begun).to.be.lessThan(10_000);
      }).timeout(40_000);

    it('lets clients reconnect by themselves after its end', async () => {
      const socket = client();
      await next(socket, 'connect');
      const closed = next<string>(socket, 'disconnect');
      latchkey.close();
      expect(await closed).to.equal('transport close');
    });
  });
});
