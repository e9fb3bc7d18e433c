import { createServer, type RequestListener, type Server } from 'node:http';
import { expect } from 'chai';
import express from 'express';
import fastify from 'fastify';
import Koa from 'koa';
import { io as connect, type Socket } from 'socket.io-client';
import { codeOf } from '../../../test-kit/codes.ts';
import { listen, portOf } from '../../../test-kit/listen.ts';
import { expressGuard } from '../../src/express.ts';
import { fastifyGuard } from '../../src/fastify.ts';
import { requireScope } from '../../src/index.ts';
import { type AuthState, koaGuard } from '../../src/koa.ts';
import { createTestLatchkey, type TestLatchkey, type TestSession } from '../../src/testing/index.ts';

describe('createTestLatchkey', () => {
  let test: TestLatchkey;
  let closers: (() => unknown)[];

  const log = { warn: () => {}, error: () => {} };

  beforeEach(() => {
    test = createTestLatchkey({ log });
    closers = [() => test.latchkey.close()];
  });
  afterEach(async () => {
    for (const close of closers.reverse()) await close();
  });

  const verify = (token: string) => codeOf(test.latchkey.verify(token));

  it('verifies an access token of an open session', async () => {
    const { sessionId, userId, accessToken } = test.openSession({ tenantId: 'acme', claims: { role: 'teller' } });
    const claims = await test.latchkey.verify(accessToken());
    expect(claims).to.deep.include({ sub: userId, sid: sessionId, tid: 'acme', role: 'teller' });
  });

  it('refuses an access token once its session has ended', async () => {
    const { sessionId, accessToken } = test.openSession();
    const token = accessToken();
    test.endSession(sessionId);
    expect(await verify(token)).to.equal('unauthenticated');
  });

  it('refuses an access token once the clock has passed its end', async () => {
    const token = test.openSession().accessToken();
    test.clock.advance(300_000);
    expect(await verify(token)).to.equal('done');
    test.clock.advance(6_000);
    expect(await verify(token)).to.equal('unauthenticated');
  });

  it('refuses access tokens with changed claims that the service would not issue', async () => {
    const { accessToken } = test.openSession();
    expect(await verify(accessToken({ aud: 'https://else.test' }))).to.equal('unauthenticated');
    expect(await verify(accessToken({ sid: undefined as never }))).to.equal('unauthenticated');
  });

  it('refuses an access token of another test', async () => {
    const other = createTestLatchkey();
    closers.push(() => other.latchkey.close());
    expect(await verify(other.openSession().accessToken())).to.equal('unauthenticated');
  });

  it('follows the policy of the app while it is stale', async () => {
    const token = test.openSession().accessToken();
    test.setStale(true);
    expect(await codeOf(test.latchkey.verify(token, { policy: 'deny' }))).to.equal('revocations_stale');
    expect([await verify(token), test.latchkey.health().isStale]).to.deep.equal(['done', true]);
  });

  describe('with the guard of a framework', () => {
    const require = [requireScope('report')];
    const apps: Record<string, () => Promise<Server> | Server> = {
      express: () =>
        serverOf(express().get('/', expressGuard(test.latchkey, { require }), (req, res) => res.json(req.auth))),
      koa() {
        const app = new Koa<AuthState>().use(koaGuard(test.latchkey, { require }));
        app.use((ctx) => {
          ctx.body = ctx.state.auth;
        });
        return serverOf(app.callback());
      },
      async fastify() {
        const app = fastify();
        app.get('/', { onRequest: fastifyGuard(test.latchkey, { require }) }, async (request) => request.auth);
        await app.ready();
        closers.push(() => app.close());
        return app.server;
      },
    };
    const serverOf = (listener: RequestListener) => createServer(listener);

    for (const [name, start] of Object.entries(apps))
      it(`answers by the scopes of the session: ${name}`, async () => {
        const server = await start();
        await listen(server);
        closers.push(() => server.close());
        const ask = async ({ accessToken }: TestSession) => {
          const headers = { authorization: `Bearer ${accessToken()}`, connection: 'close' };
          const answer = await fetch(`http://127.0.0.1:${portOf(server)}/`, { headers });
          return { status: answer.status, body: (await answer.json()) as { sub?: string } };
        };
        const reader = test.openSession({ scope: 'report' });
        expect(await ask(reader))
          .to.deep.include({ status: 200 })
          .and.nested.include({ 'body.sub': reader.userId });
        expect(await ask(test.openSession())).to.deep.include({ status: 403 });
      });
  });

  describe('with sockets', () => {
    let server: Server;

    beforeEach(async () => {
      server = createServer();
      const io = test.latchkey.socketServe(server, { origins: [] });
      test.latchkey.apiRouter(io, 'api').on('whoami', (_params, call) => call.user);
      await listen(server);
      closers.push(
        () => server.close(),
        () => io.close(),
      );
    });

    async function open({ token }: Pick<TestSession, 'token'>): Promise<{ socket: Socket; answered: string }> {
      const socket = connect(`http://127.0.0.1:${portOf(server)}`, { transports: ['websocket'], reconnection: false });
      closers.push(() => socket.close());
      const answered = new Promise<string>((resolve) => {
        for (const event of ['authenticated', 'unauthorized']) socket.once(event, () => resolve(event));
      });
      socket.emit('authenticate', { token });
      return { socket, answered: await answered };
    }

    it('answers calls of a session, on any number of sockets', async () => {
      const session = test.openSession({ claims: { role: 'teller' } });
      for (const { socket, answered } of [await open(session), await open(session)]) {
        const answer = await socket.timeout(2_000).emitWithAck('api', 'whoami', {});
        const data = { id: session.userId, tenant_id: 'default', role: 'teller' };
        expect([answered, answer]).to.deep.equal(['authenticated', { ok: true, data }]);
      }
    });

    it('closes the sockets of a session that ends, and refuses its token', async () => {
      const session = test.openSession();
      const { socket } = await open(session);
      const reason = new Promise((resolve) => socket.once('logged_out', ({ reason }) => resolve(reason)));
      test.endSession(session.sessionId, 'ended_by_operator');
      expect(await reason).to.equal('ended_by_operator');
      expect((await open(session)).answered).to.equal('unauthorized');
      expect((await open({ token: 'else' })).answered).to.equal('unauthorized');
    });

    it('ends the other sessions of a user by a log-out of all', async () => {
      const { userId } = test.openSession();
      const [first, second, other] = [test.openSession({ userId }), test.openSession({ userId }), test.openSession()];
      const { socket } = await open(first);
      await socket.timeout(2_000).emitWithAck('logout', { scope: 'all' });
      expect(await verify(second.accessToken())).to.equal('unauthenticated');
      expect(await verify(other.accessToken())).to.equal('done');
    });
  });
});
