import { createHash } from 'node:crypto';
import { fail } from '@latchkey/contract';
import { expect } from 'chai';
import type { BrowserProtocolOptions, ExchangeRequest, Grant } from '../../src/index.ts';
import { grantOf, tokenOf } from './scripted-authority.ts';
import { createStage, type Stage } from './stage.ts';

const key = 'AAAAAAAAAAAAAAAAAAAAAA';

/** An answer that comes when the test says so. */
function deferred<T>() {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

describe('authenticate', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await createStage();
  });
  afterEach(() => stage.end());

  it('answers with the whole grant, and confirms its generation when acknowledged', async () => {
    stage.authority.script.exchange = () =>
      grantOf('s1', { generation: 7, idleTimeoutInSeconds: 600, claims: { role: 'teller', id: 'forged' } });
    const client = await stage.client();
    client.socket.on('authenticated', (_payload: unknown, stored: () => void) => stored());
    client.emit('authenticate', { token: tokenOf('s1', 6), rotation_key: key });
    expect(await client.take('authenticated')).to.deep.equal({
      token: tokenOf('s1'),
      token_expires_in: 43_200,
      access_token: 'access-token',
      access_token_expires_in: 300,
      refresh_in: 240,
      rotate_in: 900,
      session: { id: 's1', expires_in: 43_200, idle_timeout_in: 600 },
      user: { role: 'teller', id: 'user-1', tenant_id: 'tenant-1' },
      server_time: 1_700_000_000_000,
    });
    await stage.settle();
    expect(stage.authority.of('confirm')).to.deep.equal([{ sid: 's1', generation: 7 }]);
    expect(stage.sideOf(client).data).to.deep.equal({ sid: 's1', userId: 'user-1', tenantId: 'tenant-1', scope: '' });
    expect(stage.authority.of('presence')).to.deep.equal([{ sid: 's1', sockets: 1 }]);
  });

  it('passes asked_at to the authority, and sends the time of the database with answers and refusals', async () => {
    const client = await stage.client();
    stage.authority.script.exchange = () => Promise.reject(fail('busy', { retryAfterMs: 7, nowMs: 1_800_000_000_000 }));
    client.emit('authenticate', { token: tokenOf('s1'), rotation_key: key, asked_at: 1_799_999_999_000.5 });
    expect(await client.take('unauthorized')).to.deep.include({
      code: 'busy',
      retry_after_ms: 7,
      now: 1_800_000_000_000,
    });
    stage.authority.script.exchange = () => grantOf('s1', { nowMs: 1_800_000_000_500 });
    client.emit('authenticate', { token: tokenOf('s1'), rotation_key: key });
    expect(await client.take('authenticated')).to.deep.include({ now: 1_800_000_000_500 });
    expect(stage.authority.of('exchange').map((request) => (request as ExchangeRequest).askedAt)).to.deep.equal([
      1_799_999_999_000.5,
      undefined,
    ]);
    for (const asked_at of [-1, '1', null, Number.MAX_SAFE_INTEGER + 1]) {
      client.emit('authenticate', { token: tokenOf('s1'), rotation_key: key, asked_at });
      expect(await client.take('unauthorized')).to.include({ code: 'invalid_request' });
    }
  });

  it('calls the authority with the client as observed, and reports a disconnected client', async () => {
    const answer = deferred<Grant>();
    stage.authority.script.exchange = () => answer.promise;
    const client = await stage.client({ headers: { origin: 'https://app.test', 'user-agent': 'Firefox' } });
    const connectionId = createHash('sha256').update(client.socket.io.engine.id!).digest('base64url');
    const code_verifier = 'v'.repeat(43);
    client.emit('authenticate', {
      code: 'a.b.c',
      code_verifier,
      rotation_key: key,
      also_rotation_keys: [key],
      proof: 'p',
    });
    await stage.settle();
    const [{ isDisconnected, ...request }] = stage.authority.of('exchange') as [ExchangeRequest];
    expect(request).to.deep.equal({
      credential: 'a.b.c',
      askedAt: undefined,
      codeVerifier: code_verifier,
      rotationKey: key,
      alsoRotationKeys: [key],
      proof: 'p',
      expectedSid: undefined,
      peer: {
        connectionId,
        origin: 'https://app.test',
        socketOrigin: `http://127.0.0.1:${stage.port}`,
        address: '127.0.0.1',
        userAgent: 'Firefox',
      },
    });
    expect(isDisconnected()).to.equal(false);
    client.socket.close();
    await stage.settle();
    expect(isDisconnected()).to.equal(true);
    answer.resolve(grantOf('s1'));
    await stage.settle();
    expect(stage.authority.of('presence')).to.deep.equal([]);
    expect(stage.protocol.counts()).to.deep.equal({ sockets: 0, authenticated: 0, inFlight: 0, deadlines: 0 });
  });

  it('reads credentials of the handshake, and removes them from it', async () => {
    const client = await stage.client({ auth: { token: 'sid:s1', rotation_key: key } });
    await client.take('authenticated');
    expect(stage.sideOf(client).handshake.auth).to.deep.equal({});
  });

  it('removes the HTTP request from the socket except for what the protocol needs', async () => {
    const client = await stage.client({ headers: { 'user-agent': 'Firefox', cookie: 'a=b' } });
    const { request, handshake } = stage.sideOf(client);
    expect(request.headers).to.deep.equal({ 'user-agent': 'Firefox' });
    expect(request.rawHeaders).to.deep.equal([]);
    expect(handshake.headers).to.deep.equal({ 'user-agent': 'Firefox' });
  });

  it('keeps the HTTP request of a socket when the option says so', async () => {
    const keeping = await createStage({
      keepRequestHeaders: true,
      addressOf: (request) => String(request.headers['x-far']),
    });
    const client = await keeping.client({ headers: { 'x-far': '203.0.113.7' }, auth: { token: 'sid:s1' } });
    await client.take('authenticated');
    expect(keeping.sideOf(client).request.headers['x-far']).to.equal('203.0.113.7');
    const [{ peer }] = keeping.authority.of('exchange') as [ExchangeRequest];
    expect(peer.address).to.equal('203.0.113.7');
    await keeping.end();
  });

  it('passes no address when `addressOf` throws or returns none, and continues', async () => {
    const finders: Required<BrowserProtocolOptions>['addressOf'][] = [
      ({ headers }) => (headers['x-far'] as string).trim(),
      ({ headers }) => headers['x-far'] as string,
    ];
    for (const addressOf of finders) {
      const behind = await createStage({ addressOf });
      const client = await behind.client({ auth: { token: 'sid:s1' } });
      await client.take('authenticated');
      const [{ peer }] = behind.authority.of('exchange') as [ExchangeRequest];
      expect(peer.address).to.equal(null);
      await behind.end();
    }
  });

  it('passes the origin under which browsers open this server, when it is set', async () => {
    const behind = await createStage({ publicUrl: 'https://sockets.app.test/base' });
    const client = await behind.client({ headers: { host: 'else.test' }, auth: { token: 'sid:s1' } });
    await client.take('authenticated');
    const [{ peer }] = behind.authority.of('exchange') as [ExchangeRequest];
    expect(peer.socketOrigin).to.equal('https://sockets.app.test');
    await behind.end();
  });

  it('connects, then sends unauthorized, when the credentials of the handshake are malformed', async () => {
    const client = await stage.client({ auth: { token: 'nonsense' } });
    expect(await client.take('unauthorized')).to.include({ code: 'token_invalid', retryable: false });
    expect(await client.take('disconnect')).to.equal('io server disconnect');
    expect(client.seen[0]?.event).to.equal('connect');
  });

  it('closes the socket on a permanent refusal, and keeps it open on a retryable one', async () => {
    const client = await stage.client();
    stage.authority.script.exchange = () => {
      throw fail('rotation_contended', { retryAfterMs: 300 });
    };
    client.emit('authenticate', { token: 'x' });
    expect(await client.take('unauthorized')).to.include({ code: 'rotation_contended', retry_after_ms: 300 });
    stage.authority.script.exchange = () => {
      throw fail('session_revoked');
    };
    client.emit('authenticate', { token: 'x' });
    expect(await client.take('unauthorized')).to.include({ code: 'session_revoked' });
    await client.take('disconnect');
  });

  it('answers a second attempt with busy while the first is in flight', async () => {
    const answer = deferred<Grant>();
    stage.authority.script.exchange = () => answer.promise;
    const client = await stage.client();
    client.emit('authenticate', { token: 'sid:s1' });
    client.emit('authenticate', { token: 'sid:s1' });
    expect(await client.take('unauthorized')).to.include({ code: 'busy', retryable: true });
    answer.resolve(grantOf('s1'));
    await client.take('authenticated');
    expect(stage.authority.of('exchange')).to.have.length(1);
  });

  it('rotates on a live socket and refuses the credential of another session', async () => {
    const client = await stage.member('s1');
    client.emit('authenticate', { token: 'sid:s1' });
    await client.take('authenticated');
    client.emit('authenticate', { token: 'sid:s2' });
    expect(await client.take('unauthorized')).to.include({ code: 'already_authenticated' });
    expect((stage.authority.of('exchange')[2] as ExchangeRequest).expectedSid).to.equal('s1');
    expect(stage.sideOf(client).data.sid).to.equal('s1');
    expect(stage.authority.of('presence')).to.have.length(1);
  });

  it('never changes the session of a socket, even if the authority returns another one', async () => {
    const client = await stage.member('s1');
    stage.authority.script.exchange = () => grantOf('s2');
    client.emit('authenticate', { token: 'sid:s2' });
    expect(await client.take('unauthorized')).to.include({ code: 'already_authenticated' });
    expect(stage.sideOf(client).data.sid).to.equal('s1');
    expect([...stage.sideOf(client).rooms]).to.not.include('session:s2');
  });

  it('keeps a signed-in socket through four permanent refusals that are not about its session', async () => {
    const client = await stage.member('s1');
    for (let n = 0; n < 4; n += 1) {
      client.emit('authenticate', { garbage: true });
      expect(await client.take('unauthorized')).to.include({ code: 'invalid_request' });
    }
    expect(await client.ask('refresh', {})).to.include({ ok: true });
    client.emit('authenticate', { token: 'sid:s2' });
    await client.take('unauthorized');
    expect(await client.take('disconnect')).to.equal('io server disconnect');
  });

  it('closes a signed-in socket on a refusal that is about its session', async () => {
    const client = await stage.member('s1');
    stage.authority.script.exchange = () => {
      throw fail('token_invalid');
    };
    client.emit('authenticate', { token: 'x' });
    await client.take('unauthorized');
    await client.take('disconnect');
  });

  it('answers an unexpected error with internal_error, logs it masked, and continues', async () => {
    const secret = `${tokenOf('s9')}`;
    stage.authority.script.exchange = (request) => {
      throw new Error(`relation broken near ${request.credential} and ${request.rotationKey}`);
    };
    const client = await stage.client();
    client.emit('authenticate', { token: secret, rotation_key: key });
    const answer = (await client.take('unauthorized')) as { code: string; request_id: string };
    expect(answer.code).to.equal('internal_error');
    const log = JSON.stringify(stage.logged);
    expect(log).to.include(answer.request_id).and.include('relation broken');
    expect(log).to.not.include(secret);
    expect(log).to.not.include(key);
    stage.authority.script.exchange = undefined;
    await stage.member('s1');
  });

  it('sends no token of a session that ended between the commit and the join', async () => {
    const client = await stage.client();
    const rooms = () => stage.io.of('/').adapter.rooms;
    let wasInRoom = false;
    stage.authority.script.endedReason = (sid) => {
      wasInRoom = rooms().has(`session:${sid}`);
      return 'ended_by_operator';
    };
    client.emit('authenticate', { token: 'sid:s1' });
    expect(await client.take('unauthorized')).to.include({ code: 'session_revoked' });
    await client.take('disconnect');
    expect(client.has('authenticated')).to.equal(false);
    expect(wasInRoom).to.equal(true);
  });

  it('refuses a socket above the limit of its session before the token is rotated', async () => {
    const small = await createStage({ limits: { socketsPerSession: 2 } });
    small.authority.script.exchange = () => grantOf('s1');
    const present = async () => {
      const client = await small.client();
      client.emit('authenticate', { token: tokenOf('s1') });
      return client;
    };
    const first = await present();
    await first.take('authenticated');
    await (await present()).take('authenticated');
    const third = await present();
    expect(await third.take('unauthorized')).to.include({ code: 'rate_limited', retryable: true });
    expect(small.authority.of('exchange')).to.have.length(2);
    first.emit('authenticate', { token: tokenOf('s1') });
    await first.take('authenticated');
    await small.end();
  });

  it('admits no socket above the limit when many of one session arrive at once', async () => {
    const small = await createStage({ limits: { socketsPerSession: 2 } });
    const answers: (() => void)[] = [];
    small.authority.script.exchange = () => new Promise((resolve) => answers.push(() => resolve(grantOf('s1'))));
    const clients = await Promise.all([1, 2, 3, 4, 5].map(() => small.client()));
    for (const client of clients) client.emit('authenticate', { token: tokenOf('s1') });
    await small.settle();
    expect(answers, 'nobody was in yet').to.have.length(5);
    for (const answer of answers) answer();
    await small.settle();
    expect(clients.filter((client) => client.has('authenticated'))).to.have.length(2);
    const refused = clients.filter((client) => client.has('unauthorized'));
    for (const client of refused) expect(await client.take('unauthorized')).to.include({ code: 'rate_limited' });
    expect(refused).to.have.length(3);
    expect(small.protocol.counts().authenticated).to.equal(2);
    await small.end();
  });

  it('requests no further acknowledgements from a client that sent none', async () => {
    const client = await stage.member('s1');
    for (let n = 0; n < 20; n += 1) {
      client.emit('authenticate', { token: 'sid:s1' });
      await client.take('authenticated');
    }
    const { acks } = stage.sideOf(client) as unknown as { acks: Map<number, unknown> };
    expect(acks.size).to.be.at.most(8);
  });

  describe('authentication timeout', () => {
    it('closes a socket that never authenticates after 5 s', async () => {
      const client = await stage.client();
      await stage.pass(4_900);
      expect(client.has('unauthorized')).to.equal(false);
      await stage.pass(400);
      expect(await client.take('unauthorized')).to.include({ code: 'auth_timeout', retryable: true });
      await client.take('disconnect');
      await stage.settle();
      expect(stage.protocol.counts().deadlines).to.equal(0);
    });

    it('is not cleared by a refused attempt', async () => {
      const client = await stage.client();
      stage.authority.script.exchange = () => {
        throw fail('unavailable');
      };
      client.emit('authenticate', { token: 'x' });
      await client.take('unauthorized');
      await stage.pass(5_300);
      expect(await client.take('unauthorized')).to.include({ code: 'auth_timeout' });
    });

    it('is extended once, to 20 s after the connection, for a verified credential whose attempt failed for a transient reason', async () => {
      const client = await stage.client();
      stage.authority.script.exchange = () => {
        throw fail('busy', { verified: true });
      };
      client.emit('authenticate', { token: 'x' });
      await client.take('unauthorized');
      await stage.pass(15_000);
      client.emit('authenticate', { token: 'x' });
      expect(await client.take('unauthorized')).to.include({ code: 'busy' });
      await stage.pass(4_500);
      expect(client.has('disconnect')).to.equal(false);
      await stage.pass(800);
      expect(await client.take('unauthorized')).to.include({ code: 'auth_timeout' });
      await client.take('disconnect');
    });

    it('waits for an attempt in flight, 20 s at most', async () => {
      const answer = deferred<Grant>();
      stage.authority.script.exchange = () => answer.promise;
      const [patient, lost] = [await stage.client(), await stage.client()];
      patient.emit('authenticate', { token: 'x' });
      await stage.settle();
      await stage.pass(7_000);
      stage.authority.script.exchange = () => new Promise(() => {});
      expect(await lost.take('unauthorized')).to.include({ code: 'auth_timeout' });
      answer.resolve(grantOf('s1'));
      await patient.take('authenticated');
      const hanging = await stage.client({ auth: { token: 'y' } });
      await stage.settle();
      await stage.pass(19_900);
      expect(hanging.has('unauthorized')).to.equal(false);
      await stage.pass(500);
      expect(await hanging.take('unauthorized')).to.include({ code: 'auth_timeout' });
    });

    it('continues from its earlier value after an unverified attempt in flight has failed', async () => {
      const answer = deferred<Grant>();
      stage.authority.script.exchange = () => answer.promise;
      const client = await stage.client({ auth: { token: 'x' } });
      await stage.settle();
      await stage.pass(8_000);
      answer.reject(fail('unavailable'));
      expect(await client.take('unauthorized')).to.include({ code: 'unavailable' });
      await stage.pass(300);
      expect(await client.take('unauthorized')).to.include({ code: 'auth_timeout' });
    });

    it('does not close a socket whose authenticate was unread while the process was suspended', async () => {
      const client = await stage.client();
      stage.clock.sleep(30_000);
      client.emit('authenticate', { token: 'sid:s1' });
      stage.clock.advance(0);
      await client.take('authenticated');
      await stage.pass(5_000);
      expect(client.has('unauthorized')).to.equal(false);
    });
  });
});
