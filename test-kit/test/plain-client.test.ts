import { createServer, type Server as HttpServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { Server, type Socket } from 'socket.io';
import { createPlainClient, newKey, newPkce, type PlainClient } from '../client/plain-client.ts';
import { listen, portOf } from '../listen.ts';

describe('createPlainClient', () => {
  let http: HttpServer;
  let io: Server;
  let client: PlainClient;
  let stored: string[];
  let seen: Socket;
  let late: number;

  beforeEach(async () => {
    stored = [];
    late = 0;
    http = createServer((request, answer) => {
      request.resume();
      const refusal = { code: 'unavailable', detail: 'late', retry_after_ms: 20 };
      if (late-- > 0) return answer.writeHead(503).end(JSON.stringify(refusal));
      answer.statusCode = request.url === '/register' ? 201 : 401;
      answer.end(
        JSON.stringify(
          request.url === '/register' ? { code: 'code-12345', expires_in: 30 } : { code: 'invalid_credentials' },
        ),
      );
    });
    io = new Server(http, { transports: ['websocket'] });
    io.on('connection', (socket) => {
      seen = socket;
      const answer = (token: string) => socket.emit('authenticated', { token }, () => stored.push(token));
      if (typeof socket.handshake.auth.token === 'string') answer(socket.handshake.auth.token);
      socket.on('authenticate', (payload: { token?: string; code?: string }) => {
        if (payload.code === undefined) answer(String(payload.token));
        else socket.emit('unauthorized', { code: 'code_used', message: '', retryable: false });
      });
      socket.on('refresh', (_: unknown, ack: (body: object) => void) =>
        ack({ ok: true, data: { access_token: 'access-77' } }),
      );
      socket.on('leave', () => socket.disconnect());
    });
    await listen(http);
    client = createPlainClient({ url: `http://127.0.0.1:${portOf(http)}` });
  });

  afterEach(async () => {
    client.close();
    await io.close();
  });

  it('signs up with PKCE, and throws with the answer of a refusal', async () => {
    expect((await client.register('a@b.test', 'a long password')).code).to.equal('code-12345');
    const error = await client.login('a@b.test', 'a long password').catch((caught: Error) => caught);
    expect(String(error)).to.match(/\/login: 401/);
    expect(client.secrets.findIn('a long password code-12345')).to.deep.equal(['password', 'code']);
  });

  it('signs in again, after the time of the answer, when a request was too late', async () => {
    late = 5;
    const began = performance.now();
    expect((await client.register('a@b.test', 'a long password')).code).to.equal('code-12345');
    expect(performance.now() - began).to.be.at.least(95);
  });

  it('authenticates by event and by handshake, and distinguishes a refusal from an answer', async () => {
    const socket = await client.connect();
    expect(await socket.authenticate({ token: 'token-0001' })).to.deep.include({ event: 'authenticated' });
    expect(await socket.authenticate({ code: 'code-0001' })).to.deep.include({ event: 'unauthorized' });
    const early = await client.connect({ auth: (engineId) => ({ token: `token-${engineId}` }) });
    // The property is public in fact, private in the types.
    const { id } = seen.conn as unknown as { id: string };
    expect((await early.outcome()).payload).to.deep.equal({ token: `token-${id}` });
    expect(early.engineId()).to.equal(id);
    expect(client.secrets.findIn('token-0001 code-0001')).to.deep.equal(['token', 'code']);
  });

  it('acknowledges at once, later or never', async () => {
    for (const acknowledging of ['now', 'later', 'never'] as const) {
      const socket = await client.connect({ acknowledging });
      await socket.authenticate({ token: `token-${acknowledging}` });
      await sleep(50);
      expect(stored.includes(`token-${acknowledging}`)).to.equal(acknowledging === 'now');
      if (acknowledging === 'never') expect(() => socket.stored()).to.throw(TypeError);
      else socket.stored();
    }
    await sleep(50);
    expect(stored).to.deep.equal(['token-now', 'token-later']);
  });

  it('keeps events until they are read, and rejects when none arrives', async () => {
    const socket = await client.connect();
    seen.emit('logged_out', { reason: 'logout' });
    await sleep(50);
    expect(await socket.next('logged_out')).to.deep.equal({ reason: 'logout' });
    await socket.none('logged_out', 10);
    const error = await socket.next('logged_out', 50).catch((caught: Error) => caught);
    expect(String(error)).to.match(/no logged_out in 50 ms/);
    seen.emit('server_drain', {});
    expect(String(await socket.none('server_drain', 50).catch((caught: Error) => caught))).to.match(/server_drain/);
  });

  it('calls with an acknowledgement, and returns why a socket was closed', async () => {
    const socket = await client.connect();
    expect(await socket.call('refresh', {})).to.deep.equal({ ok: true, data: { access_token: 'access-77' } });
    expect(client.secrets.findIn('access-77')).to.deep.equal(['access_token']);
    socket.raw.emit('leave');
    expect(await socket.closed()).to.equal('io server disconnect');
    const other = await client.connect();
    const gone = new Promise((resolve) => seen.once('disconnect', resolve));
    other.cut();
    expect(await gone).to.equal('transport close');
  });

  it('creates keys and verifiers of the right size', () => {
    expect(Buffer.from(newKey(), 'base64url')).to.have.length(16);
    expect(newPkce().verifier).to.have.length(43);
    expect(newPkce().challenge).to.have.length(43);
  });
});
