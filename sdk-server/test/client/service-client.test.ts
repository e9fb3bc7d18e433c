import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { Failure } from '@latchkey/contract';
import { createSuspensionDetector, createSystemClock } from '@latchkey/core/internal';
import { expect } from 'chai';
import { Server } from 'socket.io';
import { codeOf } from '../../../test-kit/codes.ts';
import { createFakeClock, type FakeClock } from '../../../test-kit/fake-clock.ts';
import { listen, portOf } from '../../../test-kit/listen.ts';
import { waitFor } from '../../../test-kit/wait-for.ts';
import { createServiceClient, type ServiceClient, type ServiceClientOptions } from '../../src/client/service-client.ts';
import { grant, type ScriptedService, sessionId, startScriptedService } from './scripted-service.ts';

const waitingBackend = fileURLToPath(new URL('./waiting-backend.ts', import.meta.url));
const peer = { connectionId: 'c1', origin: 'https://app.test', address: '192.0.2.1', userAgent: 'ua' };
const request = { credential: 'token', rotationKey: 'key', alsoRotationKeys: [], peer, isDisconnected: () => false };

describe('createServiceClient', () => {
  let service: ScriptedService;
  let link: ServiceClient;
  let clock: FakeClock;
  const ended: [string, string][] = [];
  const logged: string[] = [];

  function open(options: Partial<ServiceClientOptions> = {}): ServiceClient {
    const note = (_fields: unknown, message: string) => logged.push(message);
    const made = createServiceClient({
      url: service.url,
      backendId: 'bank',
      backendSecret: 'secret',
      clock,
      suspension: createSuspensionDetector(clock),
      log: { warn: note, error: note },
      maxStalenessMs: 5_000,
      ...options,
    });
    made.authority.onEnded((sid, reason) => ended.push([sid, reason]));
    made.open();
    return made;
  }

  beforeEach(async () => {
    ended.length = 0;
    logged.length = 0;
    clock = createFakeClock();
    service = await startScriptedService();
    link = open();
    await link.ready();
  });

  afterEach(async () => {
    link.close();
    await service.stop();
  });

  describe('handshake', () => {
    it('sends the id of the backend, of this start, and the protocol version', () => {
      const [auth] = service.handshakes;
      expect(auth).to.deep.equal({
        backend_id: 'bank',
        backend_secret: 'secret',
        server_id: link.serverId,
        protocol: 2,
      });
    });

    for (const message of ['0', '0null', '0{', '01', '0[]', '0{"pingInterval":"x"}'])
      it(`is tried again at another WebSocket server, whose first message is ${message}`, async () => {
        const other = createServer();
        other.on('upgrade', ({ headers }, socket) => {
          socket.on('error', () => {});
          const accept = createHash('sha1').update(
            `${headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`,
          );
          const lines = ['HTTP/1.1 101 Switching Protocols', 'Connection: Upgrade', 'Upgrade: websocket'];
          socket.write(`${[...lines, `Sec-WebSocket-Accept: ${accept.digest('base64')}`].join('\r\n')}\r\n\r\n`);
          socket.write(Buffer.concat([Buffer.from([0x81, message.length]), Buffer.from(message)]));
        });
        await listen(other);
        const stray = open({ url: `http://127.0.0.1:${portOf(other)}` });
        await waitFor(() => logged.some((line) => line.startsWith('no connection to the service')));
        expect(stray.isConnected()).to.equal(false);
        stray.close();
        other.closeAllConnections();
        other.close();
      });

    it('is repeated after a refusal, which is logged', async () => {
      service.refusal = 'forbidden';
      service.cut();
      await waitFor(() => service.handshakes.length === 2);
      await waitFor(() => logged.length > 0 && !link.isConnected());
      service.refusal = undefined;
      await waitFor(() => {
        clock.advance(200);
        return link.isConnected();
      });
    });

    it('keeps the process alive until it is accepted, also after a refusal', async function () {
      this.timeout(90_000);
      service.refusal = 'unavailable';
      const execArgv = ['--import', 'tsx', '--conditions=@latchkey/source'];
      const child = spawn(process.execPath, [...execArgv, waitingBackend, service.url], { stdio: 'ignore' });
      const exited = once(child, 'exit');
      // A process takes seconds to start on a busy machine.
      await waitFor(() => service.handshakes.length === 2, 60_000);
      service.refusal = undefined;
      expect(await exited).to.deep.equal([0, null]);
    });
  });

  describe('a permanent refusal', () => {
    const refusalOf = (promise: Promise<unknown>) => promise.then(String, (error: Failure) => error);

    it('rejects ready, is logged once, and is followed by another attempt within 90 s', async () => {
      service.refusal = { code: 'unauthenticated', message: 'Sign in first.', retryable: false };
      const other = open();
      const error = await refusalOf(other.ready());
      expect(error).to.be.instanceOf(Failure).with.property('code', 'unauthenticated');
      expect(error).to.have.property('message').that.includes('backendId and backendSecret');
      expect(await refusalOf(other.ready())).to.equal(error);
      expect(logged.filter((message) => message.includes('does not accept this backend'))).to.have.length(1);
      const { length } = service.handshakes;
      await new Promise((resolve) => setTimeout(resolve, 400));
      expect(service.handshakes).to.have.length(length);
      service.refusal = undefined;
      clock.advance(90_000);
      await waitFor(() => other.isConnected());
      await other.ready();
      other.close();
    });

    it('keeps the revocation cache of a backend that was connected before', async () => {
      service.refusal = { code: 'unauthenticated', message: 'Sign in first.', retryable: false };
      service.cut();
      await waitFor(() => logged.some((message) => message.includes('does not accept this backend')));
      await link.ready();
    });

    it('names the option url when another server answers: one without that path, or another Socket.IO server', async () => {
      const plain = createServer((_request, response) => void response.writeHead(404).end());
      plain.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n'));
      const other = createServer();
      const socketServer = new Server(other);
      for (const server of [plain, other]) {
        const url = await listen(server);
        const lost = open({ url });
        const error = await refusalOf(lost.ready());
        expect(error).to.have.property('code', 'not_found');
        expect(error).to.have.property('message').that.includes(`${url} is no Latchkey service`);
        lost.close();
      }
      plain.close();
      await socketServer.close();
    });

    it('is not assumed when a gateway answers 503, or the refusal is retryable', async () => {
      const gateway = createServer();
      gateway.on('upgrade', (_request, socket) => socket.end('HTTP/1.1 503 Unavailable\r\nConnection: close\r\n\r\n'));
      await listen(gateway);
      service.refusal = { code: 'server_draining', message: 'Later.', retryable: true };
      const urls = [`http://127.0.0.1:${portOf(gateway)}`, service.url];
      const others = urls.map((url) => open({ url }));
      const ready = Promise.race(others.map((other) => other.ready())).then(
        () => 'ready',
        () => 'rejected',
      );
      const waited = new Promise((resolve) => setTimeout(resolve, 1_500, 'waits'));
      expect(await Promise.race([ready, waited])).to.equal('waits');
      for (const other of others) other.close();
      gateway.close();
    });
  });

  describe('drain', () => {
    for (const [title, drain, earliestMs, latestMs] of [
      ['stays away for as long as it is told, and a little longer', { reconnect_after_ms: 4_000 }, 4_000, 5_000],
      ['does not come straight back to the node that stops', { reconnect_after_ms: 0 }, 1_000, 1_250],
      ['takes what makes no sense for no delay', 'soon', 1_000, 1_250],
      ['never stays away for long', { reconnect_after_ms: 1e12 }, 300_000, 375_000],
    ] as const) {
      it(title, async () => {
        service.push('server_drain', drain);
        service.cut();
        await waitFor(() => !link.isConnected());
        expect(logged.filter((message) => message.startsWith('no connection'))).to.deep.equal([]);
        clock.advance(earliestMs - 1);
        // socket.io-client by itself comes back within 300 ms.
        await new Promise((resolve) => setTimeout(resolve, 400));
        expect(service.handshakes).to.have.length(1);
        clock.advance(latestMs - earliestMs + 1);
        await waitFor(() => link.isConnected());
        await link.ready();
      });
    }

    it('delays one reconnect, and later ones not', async () => {
      service.push('server_drain', { reconnect_after_ms: 0 });
      service.cut();
      await waitFor(() => !link.isConnected());
      clock.advance(1_250);
      await waitFor(() => link.isConnected());
      service.cut();
      await waitFor(() => service.handshakes.length === 3);
    });
  });

  describe('authority', () => {
    it('relays an exchange and returns the grant', async () => {
      service.answers.exchange = () => ({
        ok: true,
        data: { ...grant, now: 1_700_000_000_000, of_a_newer_service: 1 },
      });
      const more = { codeVerifier: 'v', expectedSid: sessionId, alsoRotationKeys: ['k2'], askedAt: 1_699_999_999_000 };
      const got = await link.authority.exchange({ ...request, ...more });
      expect(got).to.deep.include({ sid: sessionId, generation: 2, token: 'next', expiresInSeconds: 43_200 });
      expect(got).to.deep.include({ nowMs: 1_700_000_000_000 });
      expect(service.of('exchange')).to.deep.equal([
        {
          credential: 'token',
          code_verifier: 'v',
          rotation_key: 'key',
          also_rotation_keys: ['k2'],
          asked_at: 1_699_999_999_000,
          expected_sid: sessionId,
          peer: { connection_id: 'c1', origin: 'https://app.test', address: '192.0.2.1', user_agent: 'ua' },
        },
      ]);
    });

    it('relays a proof with the origin under which the browser opened this server', async () => {
      service.answers.exchange = () => ({ ok: true, data: grant });
      const socketOrigin = 'https://sockets.app.test';
      await link.authority.exchange({ ...request, proof: 'a.b.c', peer: { ...peer, socketOrigin } });
      const [asked] = service.of('exchange');
      expect(asked).to.deep.include({ proof: 'a.b.c', socket_origin: socketOrigin });
    });

    it('truncates headers above the length that the service accepts', async () => {
      service.answers.exchange = () => ({ ok: true, data: grant });
      await link.authority.exchange({ ...request, peer: { ...peer, userAgent: 'x'.repeat(9_000), origin: null } });
      const [asked] = service.of('exchange') as { peer: { user_agent: string; origin: null } }[];
      expect([asked!.peer.user_agent.length, asked!.peer.origin]).to.deep.equal([1_024, null]);
    });

    it('rejects with the refusal of the service and its details', async () => {
      const error = {
        code: 'rate_limited',
        message: 'Slow.',
        retryable: true,
        retry_after_ms: 70,
        verified: true,
        now: 5,
      };
      service.answers.exchange = () => ({ ok: false, error });
      const failure = await link.authority.exchange(request).catch((thrown: Failure) => thrown);
      expect(failure).to.include({
        code: 'rate_limited',
        message: 'Slow.',
        retryAfterMs: 70,
        verified: true,
        nowMs: 5,
      });
    });

    for (const [title, answer] of [
      ['a grant of a wrong shape', { ok: true, data: { sid: 1 } }],
      ['no acknowledgement of the contract', 'yes'],
      ['a code it does not know', { ok: false, error: { code: 'of_a_newer_service', message: '', retryable: false } }],
    ] as const) {
      it(`rejects with unavailable, not with a refusal, for ${title}`, async () => {
        service.answers.exchange = () => answer;
        expect(await codeOf(link.authority.exchange(request))).to.equal('unavailable');
      });
    }

    it('rejects when the answer does not arrive before its timeout', async () => {
      const hasty = open({ callTimeoutMs: 50 });
      await hasty.ready();
      service.answers.exchange = () => undefined;
      expect(await codeOf(hasty.authority.exchange(request))).to.equal('unavailable');
      hasty.close();
    });

    it('rejects with unavailable at once without a connection', async () => {
      await service.stop();
      await waitFor(() => !link.isConnected());
      expect(await codeOf(link.authority.exchange(request))).to.equal('unavailable');
      expect(await codeOf(link.authority.inspect([sessionId]))).to.equal('unavailable');
    });

    it('sends no request for a client that has disconnected', async () => {
      expect(await codeOf(link.authority.exchange({ ...request, isDisconnected: () => true }))).to.equal('unavailable');
      expect(service.of('exchange')).to.deep.equal([]);
    });

    it('refreshes, ends and inspects sessions', async () => {
      service.answers.refresh = () => ({ ok: true, data: grant });
      service.answers.logout = () => ({ ok: true, data: { ended: 2 } });
      service.answers.sessions = () => ({
        ok: true,
        data: {
          sessions: [
            { sid: 'a', alive: true, expires_in: 9, idle_expires_in: 3 },
            { sid: 'b', alive: false, reason: 'of_a_newer_service' },
          ],
        },
      });
      expect((await link.authority.refresh(sessionId, { admin: false })).accessToken).to.equal('access');
      expect(await link.authority.logout(sessionId, { scope: 'all' })).to.deep.equal({ ended: 2 });
      expect(await link.authority.inspect(['a', 'b'])).to.deep.equal([
        { sid: 'a', alive: true, expiresInSeconds: 9, idleExpiresInSeconds: 3 },
        { sid: 'b', alive: false, reason: 'ended_by_user' },
      ]);
    });

    it('inspects many sessions in messages of the size that the service accepts', async () => {
      service.answers.sessions = () => ({ ok: true, data: { sessions: [] } });
      await link.authority.inspect(Array.from({ length: 1_200 }, (_, index) => `sid-${index}`));
      expect(service.of('sessions').map((asked) => (asked as { sids: string[] }).sids.length)).to.deep.equal([
        500, 500, 200,
      ]);
    });
  });

  describe('revocation list', () => {
    it('receives a revocation and calls listeners once', async () => {
      service.end(['a', 'b']);
      await waitFor(() => ended.length === 2);
      service.end(['a']);
      await waitFor(() => link.feed().cursor?.seq === 3);
      expect(ended).to.deep.equal([
        ['a', 'logout'],
        ['b', 'logout'],
      ]);
      expect(link.endedReason('a')).to.equal('logout');
    });

    it('subscribes again from its cursor when a number is missing', async () => {
      service.end(['a']);
      await waitFor(() => ended.length === 1);
      service.end(['lost'], { told: false });
      service.end(['c']);
      await waitFor(() => ended.length === 3);
      expect(service.of('subscribe')).to.deep.equal([{ part: 0 }, { epoch: 'e1', seq: 1, part: 0 }]);
    });

    it('reads missed revocations after a heartbeat with a higher number', async () => {
      service.end(['lost'], { told: false });
      service.heartbeat();
      await waitFor(() => link.endedReason('lost') !== undefined);
    });

    it('receives after a reconnect every revocation of the time without a connection', async () => {
      service.end(['a']);
      await waitFor(() => ended.length === 1);
      service.cut();
      service.end(['b', 'c'], { told: false });
      await waitFor(() => ended.length === 3);
      expect(service.of('subscribe').at(-1)).to.deep.equal({ epoch: 'e1', seq: 1, part: 0 });
    });

    it('keeps its entries in a new epoch whose list lacks them, until their retention ends', async () => {
      service.end(['a']);
      await waitFor(() => ended.length === 1);
      service.newEpoch();
      service.end(['b'], { told: false });
      service.heartbeat();
      await waitFor(() => link.endedReason('b') !== undefined);
      expect(link.endedReason('a')).to.equal('logout');
      const entries = [{ seq: 2, sid: 'c', reason: 'logout', keep_in: 377 }];
      service.push('blacklist', { kind: 'snapshot', epoch: link.feed().cursor!.epoch, seq: 2, entries });
      await waitFor(() => link.endedReason('c') !== undefined);
      expect([link.endedReason('a'), link.endedReason('b')]).to.deep.equal(['logout', undefined]);
      clock.advance(378_000);
      expect(link.counts().ended).to.equal(0);
    });

    it('accepts an entry with a malformed time, and keeps it for the seconds that it names', async () => {
      const entries = [{ seq: 1, sid: 'a', reason: 'logout', until: 'soon', keep_in: 377 }];
      service.push('blacklist', { kind: 'delta', epoch: 'e1', seq: 1, entries });
      await waitFor(() => ended.length === 1);
      clock.advance(376_000);
      expect(link.endedReason('a')).to.equal('logout');
      clock.advance(2_000);
      expect(link.endedReason('a')).to.equal(undefined);
    });

    it('keeps entries without a number in this epoch when a list of the same epoch lacks them', async () => {
      service.end(['a']);
      await waitFor(() => ended.length === 1);
      service.push('blacklist', {
        ...{ kind: 'snapshot', epoch: 'e2', seq: 0 },
        entries: [{ seq: 0, sid: 'numberless', reason: 'logout', keep_in: 377 }],
      });
      await waitFor(() => link.endedReason('numberless') !== undefined);
      service.push('blacklist', { kind: 'snapshot', epoch: 'e2', seq: 1, entries: [] });
      await waitFor(() => link.feed().cursor?.seq === 1);
      expect([link.endedReason('a'), link.endedReason('numberless')]).to.deep.equal(['logout', 'logout']);
    });

    it('keeps every entry after a reconnect to a node that is behind', async () => {
      service.end(['a', 'b']);
      await waitFor(() => ended.length === 2);
      const entries = [{ seq: 1, sid: 'a', reason: 'logout', keep_in: 377 }];
      service.push('blacklist', { kind: 'snapshot', epoch: 'e1', seq: 1, entries });
      await waitFor(() => link.feed().cursor?.seq === 1);
      expect(link.endedReason('b')).to.equal('logout');
    });

    it('removes an entry once all tokens of its session have expired', async () => {
      service.end(['a']);
      await waitFor(() => ended.length === 1);
      clock.advance(376_000);
      expect(link.endedReason('a')).to.equal('logout');
      clock.advance(2_000);
      expect(link.counts().ended).to.equal(0);
    });

    it('is stale without heartbeats, logs it, and is fresh again with the next one', async () => {
      clock.advance(4_900);
      expect(link.feed().isStale).to.equal(false);
      clock.advance(2_000);
      expect(link.feed().isStale).to.equal(true);
      expect(logged.some((message) => message.startsWith('revocations_stale'))).to.equal(true);
      service.heartbeat();
      await waitFor(() => !link.feed().isStale);
    });

    it('stays stale after a suspension until the answer to a new subscription', async () => {
      const subscribed = service.of('subscribe').length;
      let answer = () => {};
      service.answers.subscribe = (payload, ack) => {
        answer = () => ack!(service.subscribe(payload));
        return undefined;
      };
      clock.sleep(6_000);
      service.heartbeat();
      await waitFor(() => service.of('subscribe').length === subscribed + 1);
      expect(link.feed().isStale).to.equal(true);
      answer();
      await waitFor(() => !link.feed().isStale);
      clock.advance(2_000);
      expect(service.of('subscribe'), 'once').to.have.length(subscribed + 1);
    });

    it('subscribes again after a suspension also when a timer notices it first', async () => {
      const subscribed = service.of('subscribe').length;
      clock.sleep(6_000);
      clock.advance(0);
      await waitFor(() => service.of('subscribe').length === subscribed + 1);
    });

    it('stays stale on heartbeats of a node that is behind', async () => {
      service.end(['a']);
      await waitFor(() => ended.length === 1);
      clock.advance(6_000);
      service.push('heartbeat', { epoch: 'e1', seq: 0 });
      service.push('sentinel', null);
      service.end(['b']);
      await waitFor(() => ended.length === 2);
      expect(link.feed().isStale).to.equal(true);
    });

    it('is fresh again with the answer to a subscription, without waiting for a heartbeat', async () => {
      service.cut();
      clock.advance(6_000);
      await waitFor(() => {
        clock.advance(100);
        return service.of('subscribe').length === 2;
      });
      await waitFor(() => !link.feed().isStale);
      expect(link.feed().ageMs).to.be.below(1_000);
    });

    it('is no fresher than the last read of the node that answers', async () => {
      service.end(['a', 'b']);
      await waitFor(() => ended.length === 2);
      const lagging = { epoch: 'e1', seq: 1, kind: 'delta', entries: [], part: 0, parts: 1 };
      service.answers.subscribe = () => ({ ok: true, data: { feed: lagging, feed_age_ms: 0 } });
      clock.advance(6_000);
      service.push('heartbeat', { epoch: 'e1', seq: 5 });
      await waitFor(() => service.of('subscribe').length === 2);
      await new Promise((resolve) => setTimeout(resolve, 30));
      expect(link.feed().isStale).to.equal(true);
      delete service.answers.subscribe;
      service.revocationAgeMs = 4_000;
      service.push('heartbeat', { epoch: 'e1', seq: 5 });
      await waitFor(() => !link.feed().isStale);
      expect(link.feed().ageMs).to.be.within(4_000, 4_999);
    });

    it('takes the age of the list from the service', async () => {
      service.revocationAgeMs = 60_000;
      const other = open();
      await other.ready();
      expect(other.feed()).to.include({ isReady: true, isStale: true });
      other.close();
    });

    it('accepts revocations without a number, as after the restore of a database', async () => {
      service.push('blacklist', {
        ...{ kind: 'snapshot', epoch: 'e2', seq: 0 },
        entries: [{ seq: 0, sid: 'numberless', reason: 'logout', keep_in: 377 }],
      });
      await waitFor(() => link.endedReason('numberless') === 'logout');
      expect(link.feed().cursor).to.deep.equal({ epoch: 'e2', seq: 0 });
    });

    describe('of many pages', () => {
      const names = Array.from({ length: 25 }, (_, at) => `s${at}`);
      const partsAsked = () => service.of('subscribe').map((payload) => (payload as { part: number }).part);
      let other: ServiceClient;
      let answers: (() => void)[];

      /** Each part waits until somebody lets it through. */
      function holdParts(): void {
        answers = [];
        service.answers.subscribe = (payload, ack) => void answers.push(() => ack?.(service.subscribe(payload)));
      }
      const letThrough = async () => {
        await waitFor(() => answers.length > 0);
        answers.shift()!();
      };

      beforeEach(() => {
        service.end(names);
        service.partLength = 5;
        service.asked.length = 0;
        holdParts();
        other = open();
      });
      afterEach(() => other.close());

      it('is read page by page, and is ready after the last page', async () => {
        for (let part = 0; part < 5; part += 1) {
          expect(other.feed().isReady).to.equal(false);
          await letThrough();
        }
        await other.ready();
        expect(partsAsked()).to.deep.equal([0, 1, 2, 3, 4]);
        expect(names.every((sid) => other.endedReason(sid) === 'logout')).to.equal(true);
        expect(other.feed().cursor).to.deep.equal({ epoch: 'e1', seq: 25 });
      });

      it('may take longer than the timeout of a silent connection, because each page restarts it', async () => {
        link.close();
        for (let part = 0; part < 5; part += 1) {
          await waitFor(() => answers.length > 0);
          clock.advance(4_000);
          await letThrough();
        }
        await other.ready();
        expect(partsAsked()).to.deep.equal([0, 1, 2, 3, 4]);
        expect(service.handshakes).to.have.length(2);
      });

      it('is read from the first page again when numbers restart', async () => {
        await letThrough();
        await letThrough();
        service.newEpoch();
        service.end(['anew'], { told: false });
        await waitFor(() => {
          clock.advance(100);
          answers.shift()?.();
          return other.feed().isReady;
        });
        expect(other.feed().cursor).to.deep.equal({ epoch: 'e2', seq: 1 });
        expect([other.endedReason('anew'), other.endedReason('s0')]).to.deep.equal(['logout', undefined]);
      });
    });

    it('closes a connection without any message', async () => {
      const before = service.handshakes.length;
      clock.advance(12_000);
      await waitFor(() => service.handshakes.length > before);
      await waitFor(() => service.of('subscribe').length === 2);
    });

    it('subscribes again after a refusal', async () => {
      const real = service.answers.subscribe;
      service.answers.subscribe = () => ({ ok: false, error: { code: 'unavailable', message: '', retryable: true } });
      const other = open();
      await waitFor(() => logged.length > 0);
      expect(other.feed().isReady).to.equal(false);
      if (real) service.answers.subscribe = real;
      else delete service.answers.subscribe;
      await waitFor(() => {
        clock.advance(100);
        return other.feed().isReady;
      });
      other.close();
    });
  });

  describe('tenants', () => {
    const changed: (string | undefined)[] = [];
    beforeEach(() => {
      changed.length = 0;
      link.authority.onTenantChanged((tenantId) => changed.push(tenantId));
    });
    const subscriptions = () => service.of('subscribe').length;

    it('call listeners when their limits change, and for all tenants when the event is malformed', async () => {
      service.push('tenant_changed', { tenant_id: 'acme', max_active_minutes: 60 });
      service.push('tenant_changed', 'nonsense');
      await waitFor(() => changed.length === 2);
      expect(changed).to.deep.equal(['acme', undefined]);
    });

    it('call listeners for all tenants when limits changed while there was no connection', async () => {
      const again = async () => {
        const before = subscriptions();
        service.cut();
        await waitFor(() => subscriptions() > before && link.isConnected());
        await link.tenantLimits.get('acme').catch(() => undefined);
      };
      await again();
      expect(changed).to.deep.equal([]);
      service.tenantsSeq += 1;
      await again();
      expect(changed).to.deep.equal([undefined]);
    });
  });

  describe('presence', () => {
    it('is reported in batches with the latest count of each session', async () => {
      link.authority.presence('a', 1);
      link.authority.presence('a', 2);
      link.authority.presence('b', 1);
      link.authority.presence('b', 0);
      link.authority.activity('a');
      link.authority.activity('a');
      clock.advance(250);
      await waitFor(() => service.of('activity').length === 1);
      expect(service.of('presence').at(-1)).to.deep.equal({
        counts: [
          ['a', 2],
          ['b', 0],
        ],
      });
      expect(service.of('activity')).to.deep.equal([{ sids: ['a'] }]);
    });

    it('is reported one message at a time, so that an older count cannot overwrite a newer one', async () => {
      service.answers.presence = () => undefined;
      const slow = open({ callTimeoutMs: 100 });
      await slow.ready();
      slow.authority.presence('a', 1);
      const before = service.of('presence').length;
      clock.advance(250);
      slow.authority.presence('a', 0);
      clock.advance(250);
      expect(service.of('presence').length).to.equal(before);
      delete service.answers.presence;
      await waitFor(() => {
        clock.advance(250);
        return slow.counts().waiting === 0 && service.of('presence').length > before;
      });
      expect(service.of('presence').at(-1)).to.deep.equal({ counts: [], all: true });
      slow.close();
    });

    it('of many sessions is reported in messages of the size that the service accepts', async () => {
      for (let index = 0; index < 1_200; index += 1) link.authority.presence(`sid-${index}`, 1);
      clock.advance(250);
      await waitFor(() => service.of('presence').length === 4);
      const sizes = service.of('presence').map((news) => (news as { counts: unknown[] }).counts.length);
      expect(sizes).to.deep.equal([0, 500, 500, 200]);
    });

    it('is reported completely after a reconnect', async () => {
      link.authority.presence('a', 2);
      link.authority.presence('b', 1);
      link.authority.presence('b', 0);
      service.cut();
      await waitFor(() => service.of('presence').length === 2);
      expect(service.of('presence').at(-1)).to.deep.equal({ counts: [['a', 2]], all: true });
    });
  });

  describe('ready', () => {
    const settled = (promise: Promise<void>) =>
      Promise.race([
        promise.then(() => 'ready').catch((error: Error) => error.message),
        new Promise((resolve) => setTimeout(resolve, 500, 'still waiting')),
      ]);

    it('rejects for all callers when the connection is closed', async () => {
      service.refusal = 'unavailable';
      const early = open();
      const waiting = [early.ready(), early.ready()].map(settled);
      early.close();
      for (const outcome of await Promise.all(waiting)) expect(outcome).to.contain('was closed');
    });

    it('rejects once the connection is closed, also when it was ready before', async () => {
      expect(await settled(link.ready())).to.equal('ready');
      link.close();
      expect(await settled(link.ready())).to.contain('was closed');
      const never = open();
      never.close();
      expect(await settled(never.ready())).to.contain('was closed');
    });
  });

  it('keeps no handle open after the close', async () => {
    const real = open({ clock: createSystemClock() });
    await real.ready();
    real.close();
    await waitFor(() => !real.isConnected());
  });
});
