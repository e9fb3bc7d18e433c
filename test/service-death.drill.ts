import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Ack, paths, type SessionsResponse } from '@latchkey/contract';
import { expect } from 'chai';
import { createPlainClient, newKey, type PlainClient } from '../test-kit/client/plain-client.ts';
import type { PlainSocket } from '../test-kit/client/plain-socket.ts';
import { type ServiceProcess, startService } from '../test-kit/node/service-process.ts';
import { waitFor } from '../test-kit/wait-for.ts';
import { type AppProcess, developersCredential, startApp } from './link/app-process.ts';

/** `npm run test:links`: with a line that is away for longer than access tokens live. */
const isLong = process.env.LINK_CUT_SECONDS !== undefined;
const tokenSeconds = 10;
let users = 0;

describe('a backend process whose service', function () {
  this.timeout(150_000);
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-death-'));
  const env = {
    LATCHKEY_DATA_DIR: join(folder, 'data'),
    LATCHKEY_ACCESS_TOKEN_EXPIRES_IN_SECS: String(tokenSeconds),
  };
  let service: ServiceProcess;
  const apps: AppProcess[] = [];
  const clients: PlainClient[] = [];

  before(async () => {
    service = await startService({ env });
    await service.ready();
  });
  after(async () => {
    for (const client of clients) client.close();
    await Promise.all([service, ...apps].map((one) => one.stop()));
    rmSync(folder, { recursive: true });
  });

  async function open(): Promise<AppProcess> {
    const credential = developersCredential({ dataFolder: env.LATCHKEY_DATA_DIR });
    const app = await startApp(credential, {
      latchkey: { url: service.url, maxStalenessMs: isLong ? 5_000 : 2_000 },
      // The test asks more often than a user.
      serve: { limits: { messageBurst: 1_000, messagesPerSecond: 1_000 } },
    });
    apps.push(app);
    return app;
  }

  function clientOf(socketUrl: string): PlainClient {
    const client = createPlainClient({ url: service.url, socketUrl });
    clients.push(client);
    return client;
  }

  /** Somebody new, signed in on a socket. */
  async function signedIn(client: PlainClient) {
    const login = await client.register(`user${++users}@example.test`, 'correct horse battery');
    const socket = await client.connect();
    const outcome = await socket.authenticate({ ...login, rotation_key: newKey() });
    if (outcome.event !== 'authenticated') throw new Error(outcome.payload.code);
    return { ...outcome.payload, socket };
  }

  /** `done`, or the code of the refusal. */
  async function call(socket: PlainSocket, name: string): Promise<string> {
    const answer = await socket.call<Ack<unknown>>('api', name, { id: newKey(), ms: 0 });
    return answer.ok ? 'done' : answer.error.code;
  }

  it('starts after the backend: no call is accepted before the first revocation list', async () => {
    const { access_token: token } = await signedIn(clientOf(service.url));
    service.kill('SIGSTOP');
    const app = await open();
    const client = clientOf(app.url);
    for (const policy of ['allow', 'deny', 'allow', 'deny'] as const) {
      expect(await app.ask(token, policy)).to.equal('503 revocations_not_ready');
      expect(await app.health()).to.include({ isReady: false, revocationAgeMs: null });
      await sleep(100);
    }
    const refused = await (await client.connect()).authenticate({ token: 'latchkey', rotation_key: newKey() });
    expect(refused.payload).to.include({ code: 'unavailable', retryable: true });
    service.kill('SIGCONT');
    await app.ready();
    expect(await app.ask(token, 'deny')).to.equal('200');
  });

  /** The service knows a socket of the token's session. */
  async function isOnline(client: PlainClient, token: string): Promise<boolean> {
    const headers = { Authorization: `Bearer ${token}` };
    const { body } = await client.request<SessionsResponse>('GET', paths.sessions, undefined, headers);
    return body.sessions.some(({ current, online }) => current && online);
  }

  /** Two users on the sockets of a backend whose service was killed. */
  async function bereaved() {
    const app = await open();
    await app.ready();
    const client = clientOf(app.url);
    const [ann, ben] = [await signedIn(client), await signedIn(client)];
    // A session without presence has to authenticate again afterwards.
    for (const { access_token: token } of [ann, ben]) await waitFor(() => isOnline(client, token), 10_000);
    service.kill('SIGKILL');
    await service.exited();
    await waitFor(async () => !(await app.health()).isConnected);
    const calls = async (name = 'work') => [await call(ann.socket, name), await call(ben.socket, name)];
    const newcomer = async () => (await client.connect()).authenticate({ token: ben.token, rotation_key: newKey() });
    return { app, ann, ben, calls, newcomer };
  }

  async function resurrect(app: AppProcess): Promise<void> {
    service = await startService({ env, port: service.port });
    await service.ready();
    await waitFor(async () => !(await app.health()).isStale, 15_000);
  }

  it('is down: calls and routes follow the policy, sockets stay open, and nothing is missing after its return', async () => {
    const { app, ann, ben, calls, newcomer } = await bereaved();
    const token = ann.access_token;
    expect([await app.ask(token), await app.ask(token, 'deny')]).to.deep.equal(['200', '200']);
    expect([...(await calls()), ...(await calls('strict_work'))]).to.deep.equal(['done', 'done', 'done', 'done']);
    expect((await newcomer()).payload).to.include({ code: 'unavailable', retryable: true });

    await waitFor(async () => (await app.health()).isStale, 7_000);
    expect([await app.ask(token), await app.ask(token, 'deny')]).to.deep.equal(['200', '503 revocations_stale']);
    expect([await calls(), await calls('strict_work')]).to.deep.equal([
      ['done', 'done'],
      ['revocations_stale', 'revocations_stale'],
    ]);
    expect((await ann.socket.call<Ack<object>>('refresh', {})).ok).to.equal(false);

    await resurrect(app);
    expect(await calls('strict_work')).to.deep.equal(['done', 'done']);
    expect((await ann.socket.call<Ack<object>>('refresh', {})).ok).to.equal(true);
    const back = await newcomer();
    expect(back.event, JSON.stringify(back.payload)).to.equal('authenticated');
    expect(await ann.socket.call('logout', {})).to.deep.equal({ ok: true, data: { ended: 1 } });
    await waitFor(async () => (await app.ask(token)) === '401 unauthenticated', 2_000);
    expect(ben.socket.raw.connected).to.equal(true);
  });

  if (isLong) {
    it('is down until access tokens have expired: calls wait, sockets stay open, and a refresh resumes them', async () => {
      const { app, ann, ben, calls, newcomer } = await bereaved();
      const lapsedMs = (tokenSeconds * 1.05 + 25) * 1_000;
      await waitFor(async () => (await calls()).includes('unavailable'), lapsedMs + 500);
      await sleep(10_000);
      expect(await calls()).to.deep.equal(['unavailable', 'unavailable']);
      expect((await newcomer()).payload).to.include({ code: 'unavailable', retryable: true });
      expect([ann.socket.raw.connected, ben.socket.raw.connected]).to.deep.equal([true, true]);

      await resurrect(app);
      expect((await ann.socket.call<Ack<object>>('refresh', {})).ok).to.equal(true);
      expect(await call(ann.socket, 'strict_work')).to.equal('done');
      expect(await ben.socket.closed(15_000)).to.equal('transport close');
      expect(await call(ann.socket, 'work')).to.equal('done');
      const back = await newcomer();
      expect(back.event, JSON.stringify(back.payload)).to.equal('authenticated');
    });
  }
});
