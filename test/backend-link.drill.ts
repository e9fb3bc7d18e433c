import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server as HttpServer, type RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SessionsResponse } from '@latchkey/contract';
import { createLatchkey, type Latchkey, type StalenessPolicy } from '@latchkey/sdk-server';
import { expect } from 'chai';
import express from 'express';
import Koa from 'koa';
import { Registry } from 'prom-client';
import type { Server } from 'socket.io';
import { createPlainClient, newKey, type PlainClient } from '../test-kit/client/plain-client.ts';
import { listen } from '../test-kit/listen.ts';
import { parseMetrics } from '../test-kit/node/read-metrics.ts';
import { type ServiceProcess, startService } from '../test-kit/node/service-process.ts';
import { startTcpProxy, type TcpProxy } from '../test-kit/tcp-proxy.ts';
import { waitFor } from '../test-kit/wait-for.ts';

const password = 'correct horse battery';
let users = 0;
/** Seconds without the service; LINK_CUT_SECONDS adds one: `npm run test:links` takes 60. */
const cuts = [1, 4, 6, ...[process.env.LINK_CUT_SECONDS ?? []].flat().map(Number)];

async function serve(listener?: RequestListener): Promise<{ http: HttpServer; url: string }> {
  const http = createServer(listener);
  return { http, url: await listen(http) };
}

const statusOf = async (url: string, token: string) => {
  const answer = await fetch(url, { headers: { authorization: `Bearer ${token}`, connection: 'close' } });
  await answer.arrayBuffer();
  return answer.status;
};

describe('a backend with sdk-server', function () {
  this.timeout(60_000);
  let service: ServiceProcess;
  let proxy: TcpProxy;
  let latchkey: Latchkey;
  let client: PlainClient;
  let app: { http: HttpServer; url: string };
  let io: Server;
  const servers: HttpServer[] = [];
  const register = new Registry();
  const dataDir = join(mkdtempSync(join(tmpdir(), 'latchkey-backend-')), 'data');

  const isRefused = async (token: string) => (await verdict(token)) === 'unauthenticated';

  /** `accepted`, or the code of the refusal. */
  const verdict = (token: string, policy: StalenessPolicy = 'allow'): Promise<string> =>
    latchkey.verify(token, { policy }).then(
      () => 'accepted',
      ({ code }: { code: string }) => code,
    );

  async function start(port?: number): Promise<ServiceProcess> {
    const env = { LATCHKEY_DATA_DIR: dataDir };
    const started = await startService(port === undefined ? { env } : { env, port, seeded: false });
    await started.ready();
    return started;
  }

  function connectBackend(): Latchkey {
    const file = readFileSync(join(dataDir, 'backend.json'), 'utf8');
    const { backend_id, backend_secret } = JSON.parse(file) as { backend_id: string; backend_secret: string };
    const credential = { backendId: backend_id, backendSecret: backend_secret };
    return createLatchkey({ url: proxy.urlFor(service.url), ...credential });
  }

  /** Somebody new, signed in on the service's own socket. */
  async function signedIn() {
    const email = `backend${++users}@example.test`;
    const login = await client.register(email, password);
    const socket = await client.connect();
    const outcome = await socket.authenticate({ ...login, rotation_key: newKey() });
    if (outcome.event !== 'authenticated') throw new Error(outcome.payload.code);
    return { email, socket, token: outcome.payload.access_token, sid: outcome.payload.session.id };
  }

  /** Ends a session as its owner does from another device's list. */
  async function end({ sid, token }: { sid: string; token: string }): Promise<void> {
    const { status } = await client.request('DELETE', `/sessions/${sid}`, undefined, {
      authorization: `Bearer ${token}`,
    });
    expect(status).to.equal(200);
  }

  before(async () => {
    service = await start();
    proxy = await startTcpProxy({ port: service.port });
    latchkey = connectBackend();
    app = await serve();
    io = latchkey.socketServe(app.http, { origins: [] });
    client = createPlainClient({ url: service.url });
    await latchkey.ready();
    await latchkey.metrics(register);
  });

  after(async function () {
    this.timeout(30_000);
    client.close();
    latchkey.close();
    for (const server of servers) server.close();
    await io.close();
    await proxy.close();
    await service.stop();
    rmSync(dirname(dataDir), { recursive: true });
  });

  afterEach(() => proxy.refuse(false));

  it('guards routes of Express and Koa; an unexpired token of an ended session is refused by both', async () => {
    const one = express();
    one.use(latchkey.express());
    one.get('/', (req, res) => void res.json((req as { auth?: object }).auth));
    const other = new Koa();
    other.use(latchkey.koa());
    other.use((ctx) => {
      ctx.body = ctx.state.auth;
    });
    const apps = [await serve(one), await serve(other.callback())];
    servers.push(...apps.map(({ http }) => http));
    const statuses = (token: string) => Promise.all(apps.map(({ url }) => statusOf(url, token)));

    const user = await signedIn();
    expect(await statuses(user.token)).to.deep.equal([200, 200]);
    expect(await statuses(`${user.token.slice(0, -8)}AAAAAAAA`)).to.deep.equal([401, 401]);
    await end(user);
    await waitFor(async () => (await statuses(user.token)).every((status) => status === 401), 2_000);
  });

  for (const seconds of cuts) {
    it(`receives every revocation after a cut of ${seconds} s`, async function () {
      this.timeout(60_000 + seconds * 1_000);
      const [before, during, later] = [await signedIn(), await signedIn(), await signedIn()];
      await end(before);
      await waitFor(() => isRefused(before.token));
      await waitFor(() => (latchkey.health().revocationAgeMs ?? Number.POSITIVE_INFINITY) < 1_500, 15_000);
      const beganAt = performance.now();
      proxy.refuse(true);
      proxy.cutAll();
      await waitFor(() => !latchkey.health().isConnected);
      const sleeping = sleep(seconds * 1_000);
      await end(during);
      await sleeping;
      expect(await verdict(during.token)).to.equal('accepted');
      const { value } = parseMetrics(await register.metrics());
      expect(value('latchkey_backend_connected')).to.equal(0);
      expect(value('latchkey_backend_revocation_age_seconds')).to.be.at.least(seconds - 0.05);
      // By the list's own age: on a busy machine a cut of 4 s may leave it older than 5 s.
      const revocationAgeMs = latchkey.health().revocationAgeMs ?? Number.NaN;
      expect(revocationAgeMs).to.be.within(seconds * 1_000 - 50, performance.now() - beganAt + 1_550);
      const strict = await verdict(later.token, 'deny');
      if (Math.abs(revocationAgeMs - 5_000) > 50)
        expect(strict).to.equal(revocationAgeMs > 5_000 ? 'revocations_stale' : 'accepted');
      proxy.refuse(false);
      await waitFor(() => isRefused(during.token), 15_000);
      await waitFor(async () => (await verdict(later.token, 'deny')) === 'accepted', 15_000);
    });
  }

  it('signs browsers in on its own socket, rotates their tokens, and reports their presence', async () => {
    const login = await client.register(`backend${++users}@example.test`, password);
    const relayed = createPlainClient({ url: service.url, socketUrl: app.url });
    const first = await (await relayed.connect()).authenticate({ ...login, rotation_key: newKey() });
    if (first.event !== 'authenticated') throw new Error(first.payload.code);
    const socket = await relayed.connect();
    const second = await socket.authenticate({ token: first.payload.token, rotation_key: newKey() });
    if (second.event !== 'authenticated') throw new Error(second.payload.code);
    expect(second.payload.session.id).to.equal(first.payload.session.id);
    expect(second.payload.token).not.to.equal(first.payload.token);
    const caller = { sid: second.payload.session.id, token: second.payload.access_token };
    await waitFor(async () => {
      const headers = { authorization: `Bearer ${caller.token}` };
      const { body } = await relayed.request<SessionsResponse>('GET', '/sessions', undefined, headers);
      return body.sessions.some((one) => one.id === caller.sid && one.online);
    });
    await end(caller);
    expect(await socket.next('logged_out')).to.deep.equal({ reason: 'logout' });
    expect(await socket.closed()).to.equal('io server disconnect');
    relayed.close();
  });

  it('accepts tokens and keeps sockets without the service, and receives every revocation after its return', async () => {
    const gone = await signedIn();
    const login = await client.register(`backend${++users}@example.test`, password);
    const relayed = createPlainClient({ url: service.url, socketUrl: app.url });
    const socket = await relayed.connect();
    const first = await socket.authenticate({ ...login, rotation_key: newKey() });
    if (first.event !== 'authenticated') throw new Error(first.payload.code);
    const { session, access_token } = first.payload;
    await end(gone);
    await waitFor(() => isRefused(gone.token));
    service.kill('SIGKILL');
    await service.exited();
    await waitFor(() => !latchkey.health().isConnected);
    expect((await latchkey.verify(access_token)).sid).to.equal(session.id);
    expect(await isRefused(gone.token)).to.equal(true);
    const newcomer = await (await relayed.connect()).authenticate({
      token: first.payload.token,
      rotation_key: newKey(),
    });
    expect(newcomer.payload).to.include({ code: 'unavailable', retryable: true });
    expect(socket.raw.connected).to.equal(true);
    service = await start(service.port);
    await waitFor(() => latchkey.health().isConnected && !latchkey.health().isStale, 15_000);
    expect(await isRefused(gone.token)).to.equal(true);
    const next = await socket.authenticate({ token: first.payload.token, rotation_key: newKey() });
    expect(next.event).to.equal('authenticated');
    await end({ sid: session.id, token: access_token });
    expect(await socket.next('logged_out')).to.deep.equal({ reason: 'logout' });
    relayed.close();
  });

  it('closes the sockets of a session whose replaced token is presented again', async () => {
    const login = await client.register(`backend${++users}@example.test`, password);
    const relayed = createPlainClient({ url: service.url, socketUrl: app.url });
    const socket = await relayed.connect();
    const first = await socket.authenticate({ ...login, rotation_key: newKey() });
    if (first.event !== 'authenticated') throw new Error(first.payload.code);
    // A plain client shows the token twice without a key: the second time is a theft.
    const { token } = first.payload;
    expect((await (await relayed.connect()).authenticate({ token })).event).to.equal('authenticated');
    const thief = await (await relayed.connect()).authenticate({ token });
    expect(thief.payload).to.include({ code: 'token_reused' });
    expect(await socket.next('logged_out')).to.deep.equal({ reason: 'token_reused' });
    relayed.close();
  });
});
