import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server as HttpServer, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Ack, Authenticated, EndedSessions } from '@latchkey/contract';
import type { Shutdown } from '@latchkey/sdk-server';
import { createTransactions, TransactionCoreClass, type TransactionOptions } from '@latchkey/sdk-server/transaction';
import { apiServe, type InfraRouter, type InfraServeOptions, infraServe, type MountedApi } from '@latchkey/service';
import { expect } from 'chai';
import jwt from 'jsonwebtoken';
import Koa from 'koa';
import { io as connect } from 'socket.io-client';
import { createPlainClient, newKey, type PlainClient } from '../test-kit/client/plain-client.ts';
import type { PlainSocket } from '../test-kit/client/plain-socket.ts';
import { seedEmbeddedData } from '../test-kit/database/embedded-data.ts';
import { listen, portOf } from '../test-kit/listen.ts';
import { waitFor } from '../test-kit/wait-for.ts';
import { type Host, type HostKind, hosts } from './one-process/hosts.ts';

const password = 'correct horse battery';

/** The process of the tests stays alive after a host's shutdown. */
const stay = { exit: false };

/** Does nothing but begin and end. */
class EmptyTransaction extends TransactionCoreClass {
  constructor(parent: TransactionCoreClass | undefined, options: TransactionOptions) {
    const nothing = async () => {};
    super(parent, { processBegin: nothing, processCommit: nothing, processRollback: nothing }, options);
  }
}

/** Serves the app of the host, on a port of its own. */
async function serveHost(host: Host, server: HttpServer): Promise<string> {
  server.on('request', host.finish());
  return listen(server);
}

describe('options of infraServe', () => {
  const wrong: [object, RegExp][] = [
    [{ tokenExpiresInMin: 5 }, /infraServe: tokenExpiresInMin is not an option; did you mean tokenExpiresInMins/],
    [{ claims: () => ({}) }, /infraServe: claims is not an option; did you mean claim\?/],
    [{ appUrl: 'app.example.test' }, /infraServe: appUrl has to be a whole URL/],
    [{ claim: 'x' }, /infraServe: the hook claim has to be a function/],
    [{ disposalInterval: 5, disposalIntervalInMins: 5 }, /disposalInterval and disposalIntervalInMins are one/],
    [{ codeExpiresInSecs: 0 }, /codeExpiresInSecs/],
    [{ policy: 'perhaps' }, /policy/],
    [{ api: 'bank', apiName: 'bank' }, /apiName and api are one/],
    [{ apiName: 'authenticate' }, /authenticate/],
    [{ env: { LATCHKEY_HOOKS: './hooks.js' } }, /LATCHKEY_HOOKS is not read here/],
    [{ host: '0.0.0.0' }, /host is not an option/],
  ];
  it('refuses anything but an HTTP server and an app of Koa or Express', () => {
    const [server, app] = [createServer(), new Koa()];
    expect(() => apiServe(server as never)).to.throw(
      TypeError,
      /apiServe takes a Koa app .* or an Express app .* it got a server of Node/,
    );
    expect(() => infraServe(server, server as never)).to.throw(TypeError, 'infraServe takes a Koa app');
    expect(() => infraServe(app as never, app)).to.throw(TypeError, 'infraServe takes a server of node:http');
  });
  for (const [options, sentence] of wrong) {
    it(`refuses ${Object.keys(options).join(' with ')}: ${sentence.source}`, () => {
      expect(() => infraServe(createServer(), new Koa(), options)).to.throw(TypeError, sentence);
    });
  }
});

function stories({ create, badTarget }: HostKind): void {
  let dataDir: string;
  let settings: InfraServeOptions;
  let host: Host;
  let server: HttpServer;
  let client: PlainClient;
  let running: Pick<Shutdown, 'shutdown'> | undefined;

  beforeEach(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'latchkey-host-'));
    await seedEmbeddedData(dataDir);
    settings = { dataDir, argon2MemoryInKib: 7_168, argon2Passes: 1, logLevel: 'silent' };
    host = create();
    server = createServer();
  });
  afterEach(async () => {
    client?.close();
    await running?.shutdown(1, stay);
    running = undefined;
    server.closeAllConnections();
    server.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const started = <T extends Pick<Shutdown, 'shutdown'>>(one: T): T => {
    running = one;
    return one;
  };
  async function enter(): Promise<{ socket: PlainSocket; payload: Authenticated }> {
    const login = await client.register('ada@example.test', password);
    const socket = await client.connect();
    const outcome = await socket.authenticate({ ...login, rotation_key: newKey() });
    if (outcome.event !== 'authenticated') throw new Error(outcome.payload.code);
    return { socket, payload: outcome.payload };
  }
  const bearer = (payload: Authenticated) => ({ authorization: `Bearer ${payload.access_token}` });

  describe('infraServe', () => {
    let router: InfraRouter;

    async function serve(options: InfraServeOptions = {}): Promise<string> {
      router = started(infraServe(server, host.app, { ...settings, ...options }));
      router.on('whoami', (_params, call) => call.user);
      const url = await serveHost(host, server);
      client = createPlainClient({ url });
      return url;
    }

    it('signs up, signs in, answers calls and logs out, beside the routes of the host', async () => {
      await serve({ claim: () => ({ role: 'teller' }) });
      await router.ready();
      const { socket, payload } = await enter();
      const { userId } = router.latchkey.getLocalUserSessions()[0]!;
      const address = { email: 'ada@example.test', email_verified: false };
      const whoami = { role: 'teller', ...address, id: userId, tenant_id: 'default' };
      expect(await socket.call('api', 'whoami')).to.deep.equal({ ok: true, data: whoami });
      expect((await client.request('GET', '/me', undefined, bearer(payload))).body).to.include({ id: userId });

      expect((await client.request('GET', '/host')).body).to.deep.equal({ host: true });
      expect((await client.request('GET', '/login')).status).to.equal(404);
      expect((await client.request('GET', '/nowhere')).body).to.equal('Not Found');
      const broken = await client.request('GET', '/broken');
      expect([broken.status, broken.body, broken.headers.get('x-request-id')]).to.deep.equal([
        500,
        'Internal Server Error',
        null,
      ]);

      expect(await socket.call<Ack<EndedSessions>>('logout', {})).to.deep.equal({ ok: true, data: { ended: 1 } });
      expect(await socket.closed()).to.equal('io server disconnect');
      expect(router.latchkey.getLocalUserSessions()).to.deep.equal([]);
    });

    it('computes claims again: the next access token has them, and listeners are notified', async () => {
      let role = 'teller';
      const heard: unknown[] = [];
      await serve({ claim: () => ({ role }) });
      await router.ready();
      router.latchkey.onChanges('USER_SESSION', (_tenantId, { payload }, type) => heard.push([type, payload.role]));
      const { socket, payload } = await enter();
      await waitFor(() => heard.length === 1);
      role = 'manager';
      expect(await router.recomputeClaims(String(payload.user.id))).to.deep.equal({ changed: 1 });
      const refreshed = await socket.call<{ data: { access_token: string } }>('refresh', {});
      expect(await router.latchkey.verify(refreshed.data.access_token)).to.include({ role: 'manager' });
      await waitFor(() => heard.length === 2);
      expect(heard).to.deep.equal([
        ['creation', 'teller'],
        ['update', 'manager'],
      ]);
    });

    it('guards routes of the host, and refuses a token whose session has ended', async () => {
      router = started(infraServe(server, host.app, settings));
      host.guard(router.latchkey);
      client = createPlainClient({ url: await serveHost(host, server) });
      expect((await client.request('GET', '/host', undefined, { authorization: 'Bearer x' })).body).to.include({
        code: 'revocations_not_ready',
      });
      await router.ready();
      const { socket, payload } = await enter();
      const mine = await client.request('GET', '/host', undefined, bearer(payload));
      expect(mine.body).to.deep.equal({ host: true, auth: payload.user.id });
      expect((await client.request('GET', '/host')).status).to.equal(401);
      expect((await router.latchkey.verify(payload.access_token)).sid).to.equal(payload.session.id);

      await socket.call('logout', {});
      const refused = await client.request('GET', '/host', undefined, bearer(payload));
      expect([refused.status, refused.body]).to.deep.include.members([401]);
      expect(refused.body).to.include({ code: 'unauthenticated' });
      const forged = await router.latchkey.verify(`${payload.access_token}x`).catch((error: unknown) => error);
      expect(forged).to.include({ code: 'unauthenticated' });
    });

    it('answers unavailable with Retry-After before it has started', async () => {
      await serve();
      const early = await client.request('POST', '/login', { email: 'a@example.test', password, ...pkce });
      expect([early.status, early.headers.get('retry-after')]).to.deep.equal([503, '1']);
      expect(early.body).to.include({ code: 'unavailable' });
      expect((await client.request('GET', '/health/ready')).status).to.equal(503);
      const socket = await client.connect();
      const outcome = await socket.authenticate({ token: 'x.y.z' });
      expect(outcome).to.deep.nested.include({ 'payload.code': 'unavailable', 'payload.retryable': true });
      expect(router.latchkey.health()).to.include({ isConnected: false, isReady: false, revocationAgeMs: null });
      expect((await client.request('GET', '/host')).status).to.equal(200);
      await router.ready();
      expect((await client.request('GET', '/health/ready')).status).to.equal(200);
    });

    it('waits for a running call at a shutdown, refuses new ones, and unlocks the data folder', async () => {
      let end = () => {};
      await serve();
      router.on('slow', () => new Promise<string>((resolve) => (end = () => resolve('done'))));
      await router.ready();
      const { socket } = await enter();
      const slow = socket.call('api', 'slow');
      await waitFor(() => router.latchkey.activitiesInProgress()['api slow'] === 1);
      const stopped = router.shutdown(5, stay);
      expect(await socket.call('api', 'whoami')).to.have.nested.property('error.code', 'server_draining');
      const refused = await client.request('POST', '/login', { email: 'a@example.test', password, ...pkce });
      expect([refused.status, (refused.body as { code: string }).code]).to.deep.equal([503, 'server_draining']);
      end();
      expect(await slow).to.deep.equal({ ok: true, data: 'done' });
      expect(await socket.next('server_drain')).to.have.property('reconnect_after_ms');
      expect(await socket.closed()).to.equal('transport close');
      expect(await stopped).to.deep.equal({ unfinished: {}, sockets: { notified: 1, terminated: 0 } });
      expect(await router.latchkey.shutdown(undefined, stay)).to.deep.equal({
        unfinished: {},
        sockets: { notified: 1, terminated: 0 },
      });
      expect((await client.request('GET', '/host')).body).to.deep.equal({ host: true });

      await started(infraServe(createServer(), new Koa(), settings)).ready();
    });

    it('passes further fields of a sign-in, but none of a sign-up, to findUserByCredentials', async () => {
      const attempts: unknown[] = [];
      await serve({
        findUserByCredentials(attempt) {
          attempts.push(attempt);
          return attempt.otp === '123456' ? { externalId: 'ada', email: attempt.email } : null;
        },
      });
      await router.ready();
      const credentials = { email: 'ada@example.test', password, ...pkce };
      const login = async (more: object) =>
        (await client.request('POST', '/login', { ...credentials, ...more })).status;
      expect(await login({ otp: '123456', tenantId: 'other' })).to.equal(200);
      expect(await login({ otp: '654321' })).to.equal(401);
      expect(await login({ otp: 'x'.repeat(10_000) })).to.equal(400);
      expect(attempts[0]).to.deep.equal({ otp: '123456', tenantId: 'default', email: 'ada@example.test', password });
      const sent = await client.request('POST', '/register', { ...credentials, otp: '1' });
      expect(sent.status).to.equal(400);
    });

    it('accepts codes and access tokens that hooks signed, with their claims and shorter lifetimes', async () => {
      const secret = 'a secret of the host of 32 bytes';
      await serve({
        secret,
        authorization: (payload) => jwt.sign(payload, secret, { expiresIn: 7 }),
        refresh: ({ iat, exp, ...payload }) => jwt.sign({ ...payload, plan: 'gold' }, secret, { expiresIn: 60 }),
      });
      await router.ready();
      const { payload } = await enter();
      expect(payload.access_token_expires_in).to.be.within(50, 60);
      expect(await router.latchkey.verify(payload.access_token)).to.include({ plan: 'gold' });
      const sent = { email: 'ada@example.test', password, ...pkce };
      const login = await client.request('POST', '/login', sent);
      expect((login.body as { expires_in: number }).expires_in).to.be.within(5, 7);
    });

    it('uses appUrl as the origin of its one app, its redirect URL, and the URL of a sign-in', async () => {
      const appUrl = 'https://app.example.test/signed-in';
      await serve({ appUrl });
      await router.ready();
      const credentials = { email: 'ada@example.test', password, ...pkce };
      const fromApp = await client.request('POST', '/register', credentials, { origin: 'https://app.example.test' });
      expect(fromApp.headers.get('access-control-allow-origin')).to.equal('https://app.example.test');
      const { code, url } = fromApp.body as { code: string; url: string };
      expect(url).to.include(`${appUrl}#code=${code}&iss=`);
      const redirected = await client.request('POST', '/login', { ...credentials, app: appUrl, state: 's' });
      expect((redirected.body as { url: string }).url).to.match(
        /^https:\/\/app\.example\.test\/signed-in#code=.*&state=s&iss=/,
      );
      const elsewhere = await client.request('POST', '/login', {
        ...credentials,
        app: 'https://other.example.test/',
      });
      expect(elsewhere.status).to.equal(400);
    });

    it('uses the URL of the hook appUrl when no app is configured, as in zerv-core', async () => {
      await serve({ appUrl: (code, { user }) => `https://app.example.test/${user.tenantId}#${code}` });
      await router.ready();
      const { body } = await client.request('POST', '/register', { email: 'ada@example.test', password, ...pkce });
      const { code, url } = body as { code: string; url: string };
      expect(url).to.equal(`https://app.example.test/default#${code}`);
    });

    it('ends the process after a shutdown, although the HTTP server of the host listens', async () => {
      const file = fileURLToPath(new URL('./one-process/exiting-host.ts', import.meta.url));
      const child = spawn(process.execPath, ['--import', 'tsx', '--conditions=@latchkey/source', file, dataDir], {
        stdio: 'ignore',
      });
      const [code] = await once(child, 'exit');
      expect(code).to.equal(0);
    });

    it('accepts the name of the calls as api, and the transaction class of latchkey', async () => {
      const told: unknown[] = [];
      await serve({ api: 'bank' });
      router.latchkey.TransactionImplementationClass = EmptyTransaction;
      router.latchkey.onChanges('ACCOUNT', (tenantId, thing, type) => told.push([tenantId, thing, type]));
      router.on('open', function () {
        return this.getTransaction().execute((transaction) => transaction.notifyCreation(this.tenantId, 'ACCOUNT', 7));
      });
      await router.ready();
      const { socket } = await enter();
      expect(await socket.call('bank', 'open')).to.deep.equal({ ok: true, data: null });
      expect(told).to.deep.equal([['default', 7, 'creation']]);
    });

    it('sends the changes of the transactions in its options', async () => {
      const told: unknown[] = [];
      const transactions = createTransactions({ TransactionImplementationClass: EmptyTransaction });
      router = started(infraServe(server, host.app, { ...settings, transactions }));
      router.latchkey.onChanges('ACCOUNT', (_tenantId, thing) => told.push(thing));
      await transactions.run((transaction) => transaction.notifyUpdate('default', 'ACCOUNT', 7));
      expect(told).to.deep.equal([7]);
      await router.ready();
    });

    it('cuts all connections at once at close(), and unlocks the data folder', async () => {
      await serve();
      await router.ready();
      const { socket } = await enter();
      router.latchkey.close();
      expect(await socket.closed()).to.equal('transport close');
      await router.shutdown(0, stay);
      await started(infraServe(createServer(), new Koa(), settings)).ready();
    });

    it('can be stopped before it has started, and then accepts no sockets', async () => {
      const early = infraServe(server, host.app, settings).on('one', () => 1);
      const url = await serveHost(host, server);
      client = createPlainClient({ url });
      expect(await early.latchkey.shutdown(1, stay)).to.deep.equal({
        unfinished: {},
        sockets: { notified: 0, terminated: 0 },
      });
      expect((await client.request('GET', '/me')).status).to.equal(503);
      const socket = connect(url, { transports: ['websocket'], reconnection: false });
      await new Promise((resolve) => socket.once('connect_error', resolve));
      await started(infraServe(createServer(), new Koa(), settings)).ready();
    });

    it('sends changes of user sessions and of the app once they are committed', async () => {
      await serve();
      const told: string[] = [];
      router.latchkey.onChanges('USER_SESSION', (tenantId, { connections }, type) => {
        told.push(`${tenantId} ${type} ${connections}`);
      });
      await router.ready();
      const { socket } = await enter();
      await waitFor(() => told.length === 1);
      await socket.call('logout', {});
      await waitFor(() => told.length === 2);
      expect(told).to.deep.equal(['default creation 1', 'default deletion 0']);
    });

    it('stores limits of tenants, which apply to live sessions', async () => {
      await serve();
      const { latchkey } = router;
      const early = await latchkey
        .getTenantMaximumActiveSessionTimeoutInMins('default')
        .catch((error: unknown) => error);
      expect(early).to.include({ code: 'unavailable' });
      await router.ready();
      const { socket } = await enter();
      await latchkey.setTenantMaximumActiveSessionTimeout('default', 1);
      expect(await latchkey.getTenantMaximumActiveSessionTimeoutInMins('default')).to.equal(1);
      expect(await socket.next('session_expiring')).to.include({ reason: 'expired' });
    });

    it('rejects ready() with the error that prevents its start, and still stops', async () => {
      const first = started(infraServe(createServer(), new Koa(), settings));
      await first.ready();
      const second = infraServe(server, host.app, settings);
      const error = await second.ready().catch((trouble: Error) => trouble);
      expect(error).to.be.an('error').with.property('name', 'DataDirInUseError');
      expect(await second.shutdown(1, stay)).to.deep.equal({ unfinished: {}, sockets: { notified: 0, terminated: 0 } });
    });
  });

  describe('apiServe', () => {
    async function serve(options: InfraServeOptions = {}): Promise<MountedApi> {
      const api = started(apiServe(host.app, { ...settings, ...options }));
      client = createPlainClient({ url: await serveHost(host, server) });
      await api.ready();
      return api;
    }

    it('signs in users of the host, with the configured lifetime of codes, behind the body parser of the host', async () => {
      host.parseBodies();
      const seen: string[] = [];
      await serve({
        codeExpiresInSecs: 7,
        findUserByCredentials: ({ email, password: shown }) =>
          shown === 'sesame' ? { externalId: 'u1', email, profile: { name: 'Ali' } } : null,
        claim: ({ profile }) => ({ name: profile.name }),
        onLogin: ({ user }) => void seen.push(user.email ?? ''),
      });
      const login = await client.request('POST', '/login', {
        email: 'ali@example.test',
        password: 'sesame',
        ...pkce,
      });
      expect(login.body).to.include({ expires_in: 7 });
      const { code } = login.body as { code: string };
      const form = { grant_type: 'authorization_code', code, code_verifier: verifier };
      const token = await client.request<{ access_token: string }>('POST', '/oauth/token', form);
      const [, claims] = token.body.access_token.split('.');
      expect(JSON.parse(Buffer.from(claims!, 'base64url').toString())).to.include({ name: 'Ali' });
      expect(seen).to.deep.equal(['ali@example.test']);
      const wrong = await client.request('POST', '/login', { email: 'ali@example.test', password: 'open', ...pkce });
      expect(wrong.body).to.include({ code: 'invalid_credentials' });
      const closed = await client.request('POST', '/register', { email: 'b@example.test', password, ...pkce });
      expect(closed.body).to.include({ code: 'registration_closed' });
    });

    it('answers preflights only at its own paths, and only for its own front ends', async () => {
      await serve({ allowedOrigins: ['https://app.test'] });
      const ask = (path: string, origin: string) =>
        client.request('OPTIONS', path, undefined, { origin, 'access-control-request-method': 'POST' });
      const allowed = async (path: string, origin: string) =>
        (await ask(path, origin)).headers.get('access-control-allow-origin');
      expect(await allowed('/login', 'https://app.test')).to.equal('https://app.test');
      expect(await allowed('/login', 'https://evil.test')).to.equal(null);
      expect(await allowed('/host', 'https://app.test')).to.equal(null);
      const foreign = await client.request('POST', '/login', {}, { origin: 'https://evil.test' });
      expect(foreign.body).to.include({ code: 'forbidden' });
    });

    it('refuses a malformed request target, and logs nothing', async () => {
      await serve();
      const port = portOf(server);
      const answer = await new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
        const asking = request({ port, path: 'http://[:::', host: '127.0.0.1' }, async (reply) =>
          resolve({ status: reply.statusCode, body: await text(reply) }),
        );
        asking.on('error', reject).end();
      });
      expect(answer.status).to.equal(badTarget.status);
      if (badTarget.status === 400)
        expect(JSON.parse(answer.body)).to.include({ code: 'invalid_request', status: 400 });
      expect(host.troubles).to.deep.equal([]);
    });

    it('answers a request in flight at a shutdown', async () => {
      let end = () => {};
      const api = await serve({
        findUserByCredentials: () => new Promise((resolve) => (end = () => resolve(null))),
      });
      const login = client.request('POST', '/login', { email: 'ali@example.test', password: 'sesame', ...pkce });
      await waitFor(() => api.activitiesInProgress()['POST /login'] === 1);
      const stopped = api.shutdown(5);
      expect((await client.request('GET', '/health/live')).status).to.equal(200);
      end();
      expect((await login).body).to.include({ code: 'invalid_credentials' });
      expect(await stopped).to.deep.equal({ unfinished: {}, sockets: { notified: 0, terminated: 0 } });
      expect((await client.request('POST', '/login', {})).body).to.include({ code: 'server_draining' });
    });

    it('does not wait at a shutdown for a request whose client disconnected in earlier middleware of the host', async () => {
      let pass = () => {};
      const arrived = new Promise<void>((resolve) => {
        const passed = new Promise<void>((go) => (pass = go));
        host.before(() => {
          resolve();
          return passed;
        });
      });
      const api = await serve();
      const closed = once(server, 'request').then(([, response]) => once(response, 'close'));
      const asking = request({ port: portOf(server), host: '127.0.0.1', path: '/me' });
      asking.on('error', () => {}).end();
      await arrived;
      asking.destroy();
      await closed;
      pass();
      expect((await client.request('GET', '/health/live')).status).to.equal(200);
      expect(api.activitiesInProgress()).to.deep.equal({});
    });

    it('logs the requests that it cut at the deadline, and stops', async () => {
      const api = await serve({ findUserByCredentials: () => new Promise(() => {}) });
      const login = client.request('POST', '/login', { email: 'ali@example.test', password: 'sesame', ...pkce });
      login.catch(() => {});
      await waitFor(() => api.activitiesInProgress()['POST /login'] === 1);
      expect(await api.shutdown(0.1)).to.have.deep.property('unfinished', { 'POST /login': 1 });
    });

    it('reads the given environment only', async () => {
      const api = await serve({ env: { LATCHKEY_PUBLIC_URL: 'https://id.test' } });
      const metadata = await client.request('GET', '/.well-known/oauth-authorization-server');
      expect(metadata.body).to.include({ issuer: 'https://id.test' });
      expect(api.isServerShutDownInProgress()).to.equal(false);
    });
  });
}

for (const host of hosts) describe(`one process on ${host.name}`, () => stories(host));

const verifier = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk';
const pkce = { code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM', code_challenge_method: 'S256' };
