import { createServer } from 'node:http';
import { type Ack, paths, type Refreshed, type TokenResponse } from '@latchkey/contract';
import { createSession, type Session } from '@latchkey/sdk-browser';
import { createLatchkey, type Latchkey, requireScope } from '@latchkey/sdk-server';
import { expect } from 'chai';
import Koa from 'koa';
import type { Server } from 'socket.io';
import { z } from 'zod';
import { createPlainClient, newKey, type PlainClient } from '../test-kit/client/plain-client.ts';
import { listen } from '../test-kit/listen.ts';
import { type Cluster, createCluster } from '../test-kit/node/cluster.ts';

const password = 'correct horse battery';

describe('scopes, from the service to an app', function () {
  this.timeout(60_000);
  let cluster: Cluster;
  let serviceUrl: string;
  let latchkey: Latchkey;
  let io: Server;
  let appUrl: string;
  let client: PlainClient;
  let users = 0;

  before(async () => {
    cluster = await createCluster({ LATCHKEY_DEFAULT_SCOPES: 'report:read,report:write' });
    serviceUrl = (await cluster.start()).url;
    const { backend_id: backendId, backend_secret: backendSecret } = await cluster.makeBackend();
    latchkey = createLatchkey({ url: serviceUrl, backendId, backendSecret });
    await latchkey.ready();
    const app = new Koa();
    const scopeOfPath = (path: string) => path.slice(1).replace('/', ':');
    app.use((ctx, next) => latchkey.koa({ require: [requireScope(scopeOfPath(ctx.path))] })(ctx as never, next));
    app.use((ctx) => {
      ctx.body = ctx.state.auth.scope;
    });
    const server = createServer(app.callback());
    io = latchkey.socketServe(server, { origins: [] });
    latchkey
      .apiRouter(io, 'reports', { scope: 'report:read' })
      .on('read', (_params, call) => call.scope)
      .on('write', { scope: 'report:write', input: z.object({}) }, () => 'written');
    appUrl = await listen(server);
    client = createPlainClient({ url: serviceUrl, socketUrl: appUrl });
  });
  after(async () => {
    client.close();
    latchkey.close();
    await io.close();
    await cluster.stop();
  });

  const newEmail = () => `user${users++}@example.test`;
  const register = (scope?: string) => client.register(newEmail(), password, scope === undefined ? {} : { scope });
  const ask = (path: string, token: string) =>
    fetch(appUrl + path, { headers: { authorization: `Bearer ${token}` } }).then(async (answer) => ({
      status: answer.status,
      challenge: answer.headers.get('www-authenticate'),
      body: await answer.text(),
    }));
  const codeOf = (answer: Ack<unknown>) => (answer.ok ? answer.data : answer.error.code);

  async function redeem(scope?: string): Promise<TokenResponse> {
    const body = { grant_type: 'authorization_code', ...(await register(scope)) };
    return (await client.request<TokenResponse>('POST', paths.oauthToken, body)).body;
  }

  it('pass a guard that requires a scope of the token', async () => {
    const { access_token, scope } = await redeem();
    expect(scope).to.equal('report:read report:write');
    expect(await ask('/report/write', access_token)).to.include({ status: 200, body: scope });
  });

  it('refuse a token of a sign-in that requested less with 403 insufficient_scope (RFC 6750)', async () => {
    const { access_token, scope } = await redeem('report:read');
    expect(scope).to.equal('report:read');
    expect((await ask('/report/read', access_token)).status).to.equal(200);
    const { status, challenge, body } = await ask('/report/write', access_token);
    expect([status, JSON.parse(body).code]).to.deep.equal([403, 'insufficient_scope']);
    expect(challenge).to.equal('Bearer realm="latchkey", error="insufficient_scope", scope="report:write"');
  });

  it('are reduced and refused at the refresh grant as in RFC 6749', async () => {
    const { refresh_token } = await redeem();
    const refresh = (token: string, scope: string) =>
      client.request<TokenResponse & { error: string }>('POST', paths.oauthToken, {
        grant_type: 'refresh_token',
        refresh_token: token,
        scope,
      });
    expect(await refresh(refresh_token, 'report:delete')).to.have.nested.include({
      status: 400,
      'body.error': 'invalid_scope',
    });
    const { body } = await refresh(refresh_token, 'report:read');
    expect(body.scope).to.equal('report:read');
    expect((await ask('/report/write', body.access_token)).status).to.equal(403);
  });

  it('are required by a router and by a call on a socket', async () => {
    const socket = await client.connect();
    const outcome = await socket.authenticate({ ...(await register('report:read')), rotation_key: newKey() });
    expect(outcome.payload).to.include({ scope: 'report:read' });
    expect(codeOf(await socket.call<Ack<unknown>>('reports', 'read', {}))).to.equal('report:read');
    const refused = await socket.call<Ack<unknown>>('reports', 'write', {});
    expect(codeOf(refused)).to.equal('insufficient_scope');
    expect(refused).to.have.nested.property('error.message', 'This call needs the scope report:write.');
  });

  it('are reduced for an access token on a socket, and not for calls of the socket', async () => {
    const socket = await client.connect();
    await socket.authenticate({ ...(await register()), rotation_key: newKey() });
    const refresh = (payload: object) => socket.call<Ack<Refreshed>>('refresh', payload);
    const narrow = await refresh({ scope: 'report:read' });
    expect(narrow).to.have.nested.property('data.scope', 'report:read');
    expect(codeOf(await refresh({ scope: 'report:delete' }))).to.equal('invalid_scope');
    expect(codeOf(await socket.call<Ack<unknown>>('reports', 'write', {}))).to.equal('written');
  });

  it('refuse calls of a router whose scope the session lacks', async () => {
    const socket = await client.connect();
    await socket.authenticate({ ...(await register('report:write')), rotation_key: newKey() });
    for (const call of ['read', 'write'])
      expect(codeOf(await socket.call<Ack<unknown>>('reports', call, {}))).to.equal('insufficient_scope');
  });

  describe('in sdk-browser', () => {
    let session: Session;
    beforeEach(() => {
      session = createSession({ url: serviceUrl, socketUrl: appUrl, apis: [appUrl], useDpop: false });
    });
    afterEach(() => session.close());

    it('are requested at a sign-in, and returned as session.scope', async () => {
      expect(session.scope).to.equal(undefined);
      const email = newEmail();
      await session.register({ email, password });
      expect(session.scope).to.equal('report:read report:write');
      await session.logout();
      expect(session.scope).to.equal(undefined);
      await session.login({ email, password, scope: 'report:write' });
      expect(session.scope).to.equal('report:write');
      await session.refresh();
      expect(session.scope).to.equal('report:write');
      expect(session.state.scope).to.equal('report:write');
      expect((await session.fetch(`${appUrl}/report/write`)).status).to.equal(200);
      expect((await session.fetch(`${appUrl}/report/read`)).status).to.equal(403);
    });

    it('reject a sign-in with invalid_scope when the user may have none of them', async () => {
      const email = newEmail();
      await session.register({ email, password });
      await session.logout();
      const refused = await session.login({ email, password, scope: 'report:delete' }).catch((error) => error.code);
      expect(refused).to.equal('invalid_scope');
    });
  });
});
