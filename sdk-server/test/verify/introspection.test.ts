import { createServer } from 'node:http';
import { expect } from 'chai';
import { io as connect } from 'socket.io-client';
import { createFakeClock, type FakeClock } from '../../../test-kit/fake-clock.ts';
import { listen, portOf } from '../../../test-kit/listen.ts';
import { waitFor } from '../../../test-kit/wait-for.ts';
import { createLatchkey, type Latchkey, type LatchkeyOptions } from '../../src/index.ts';
import { grant, type ScriptedService, startScriptedService } from '../client/scripted-service.ts';

const { sid: sessionId, user_id: userId } = grant;

describe('policy introspect', () => {
  let service: ScriptedService;
  let latchkey: Latchkey;
  let clock: FakeClock;
  let isActive: boolean;
  let token: string;
  const logged: string[] = [];
  const endings: (() => unknown)[] = [];

  async function open(options: Partial<LatchkeyOptions> = {}): Promise<Latchkey> {
    const note = (_fields: unknown, message: string) => void logged.push(message);
    const made = createLatchkey({
      ...{ url: service.url, backendId: 'bank', backendSecret: 'secret', policy: 'introspect', ...options },
      clock: { ...clock, now: () => Date.now() },
      log: { warn: note, error: note },
    });
    await made.ready();
    return made;
  }
  const verdict = (options?: Parameters<Latchkey['verify']>[1]): Promise<string> =>
    latchkey.verify(token, options).then(
      () => 'accepted',
      ({ code }: { code: string }) => code,
    );
  const asked = () => service.of('introspect');

  beforeEach(async () => {
    logged.length = 0;
    clock = createFakeClock();
    isActive = true;
    service = await startScriptedService();
    service.answers.introspect = () => ({ ok: true, data: { active: isActive, sub: userId } });
    token = await service.token();
    latchkey = await open();
  });
  afterEach(async () => {
    for (const end of endings.splice(0)) await end();
    latchkey.close();
    await service.stop();
  });

  it('sends no request while the revocation list is fresh', async () => {
    expect(await verdict()).to.equal('accepted');
    expect(asked()).to.deep.equal([]);
  });

  it('requests introspection while the list is stale, at most once a second for a token', async () => {
    clock.sleep(6_000);
    expect(await Promise.all([verdict(), verdict()])).to.deep.equal(['accepted', 'accepted']);
    isActive = false;
    expect(await verdict()).to.equal('accepted');
    expect(asked()).to.deep.equal([{ token }]);
    clock.sleep(1_000);
    expect(await verdict()).to.equal('unauthenticated');
    expect(await latchkey.verify(await service.token({ jti: 'j2' })).catch(({ code }) => code)).to.equal(
      'unauthenticated',
    );
    expect(asked()).to.have.length(3);
  });

  it('refuses a session that is in the cache without a request', async () => {
    service.end([sessionId]);
    await waitFor(() => latchkey.health().revokedCount === 1);
    clock.sleep(6_000);
    expect(await verdict()).to.equal('unauthenticated');
    expect(asked()).to.deep.equal([]);
  });

  it('refuses with revocations_stale when the service does not answer within a second', async () => {
    service.answers.introspect = () => undefined;
    clock.sleep(6_000);
    const waiting = verdict();
    await waitFor(() => asked().length === 1);
    clock.advance(1_000);
    expect(await waiting).to.equal('revocations_stale');
  });

  it('refuses with revocations_stale without a connection, and without the scope introspect, and logs it once', async () => {
    const error = { code: 'forbidden', message: 'This backend lacks the scope introspect.', retryable: false };
    service.answers.introspect = () => ({ ok: false, error });
    clock.sleep(6_000);
    expect(await verdict()).to.equal('revocations_stale');
    clock.sleep(1_000);
    expect(await verdict()).to.equal('revocations_stale');
    const about = () => logged.filter((message) => message.includes('introspection by the service failed'));
    expect(about()).to.have.length(1);
    service.refusal = 'away';
    service.cut();
    await waitFor(() => !latchkey.health().isConnected);
    clock.sleep(1_000);
    expect(await verdict()).to.equal('revocations_stale');
    expect(about()).to.have.length(1);
    const causes = latchkey.health().causes.filter(({ code }) => code === 'introspection_unavailable');
    expect(causes.map(({ count }) => count)).to.deep.equal([3]);
  });

  it('applies to a route as well', async () => {
    latchkey.close();
    latchkey = await open({ policy: 'allow' });
    const guard = latchkey.node({ policy: 'introspect' });
    const http = createServer(async (request, response) => {
      if (await guard(request, response)) response.end();
    });
    endings.push(() => http.close());
    await listen(http);
    isActive = false;
    clock.sleep(6_000);
    const port = portOf(http);
    const headers = { authorization: `Bearer ${token}`, connection: 'close' };
    expect((await fetch(`http://127.0.0.1:${port}`, { headers })).status).to.equal(401);
    expect(await verdict()).to.equal('accepted');
  });

  it('requests introspection of the session of a socket before its calls', async () => {
    let alive = true;
    let reason = 'logout';
    service.answers.exchange = () => ({ ok: true, data: grant });
    service.answers.sessions = () => {
      const lives = { sid: sessionId, alive: true, expires_in: 60, idle_expires_in: null };
      return { ok: true, data: { sessions: [alive ? lives : { sid: sessionId, alive: false, reason }] } };
    };
    const http = createServer();
    const io = latchkey.socketServe(http, { origins: [] });
    latchkey.apiRouter(io, 'api').on('balance', () => 7);
    await listen(http);
    const port = portOf(http);
    const socket = connect(`http://127.0.0.1:${port}`, { transports: ['websocket'], forceNew: true });
    socket.emit('authenticate', { token: 'old' });
    endings.push(
      () => socket.close(),
      () => io.close(),
    );
    await new Promise<void>((resolve) => socket.once('authenticated', () => resolve()));
    // A new subscription after the suspension would make the list fresh.
    service.answers.subscribe = () => undefined;
    clock.sleep(6_000);
    // To the server this was a suspension: calls are unavailable until the socket has answered a ping.
    let answer = await socket.emitWithAck('api', 'balance');
    while (answer.error?.code === 'unavailable') answer = await socket.emitWithAck('api', 'balance');
    expect(answer).to.deep.equal({ ok: true, data: 7 });
    alive = false;
    clock.sleep(1_000);
    expect(await socket.emitWithAck('api', 'balance')).to.have.nested.property('error.code', 'session_revoked');
    reason = 'idle_timeout';
    clock.sleep(1_000);
    expect(await socket.emitWithAck('api', 'balance')).to.have.nested.property('error.code', 'session_expired');
  });
});
