import { connectionKeyNames } from '@latchkey/contract';
import { expect } from 'chai';
import {
  frame,
  idIn,
  type RawWebSocket,
  rawPoll,
  rawRequest,
  rawUpgrade,
} from '../../../test-kit/client/raw-engine-client.ts';
import { createStage, type Stage } from '../socket/stage.ts';

const key = 'k'.repeat(22);
const withKey = { [connectionKeyNames.header]: key };
const offering = (name: string) => ({
  'Sec-WebSocket-Protocol': `latchkey, ${connectionKeyNames.subprotocolPrefix}${name}`,
});
const evil = { Origin: 'https://evil.test' };

describe('guardRequests', () => {
  let stage: Stage;
  const opened: RawWebSocket[] = [];

  async function open(query: string, headers = {}): Promise<RawWebSocket> {
    const webSocket = await rawUpgrade(stage, query, headers);
    opened.push(webSocket);
    return webSocket;
  }
  const upgrade = (id: string, headers = {}) => open(`transport=websocket&sid=${id}`, headers);

  /** A connection by long polling on which `s1` is signed in. */
  async function pollingMember(): Promise<string> {
    const id = idIn((await rawPoll(stage, '', withKey)).body);
    await rawPoll(stage, `sid=${id}`, withKey, '40{"token":"sid:s1"}');
    let received = '';
    while (!received.includes('authenticated')) received += (await rawPoll(stage, `sid=${id}`, withKey)).body;
    return id;
  }

  afterEach(async () => {
    for (const { tcp } of opened.splice(0)) tcp.destroy();
    await stage.end();
  });

  describe('of a server with WebSocket only', () => {
    beforeEach(async () => {
      stage = await createStage();
    });

    it('refuses the engine id of a signed-in connection at each transport, from each origin', async () => {
      const member = await stage.member('s1');
      const id = member.socket.io.engine.id;
      for (const headers of [{}, evil, { Origin: 'https://app.test' }, withKey, offering(key)]) {
        const thief = await upgrade(id, headers);
        expect(thief.status).to.equal('Origin' in headers && headers.Origin === evil.Origin ? 403 : 400);
        thief.send('2probe', '5', '420["refresh",{}]');
        await thief.waitForClose();
        expect(thief.received()).not.to.include('access_token');
        expect((await rawPoll(stage, `sid=${id}`, headers)).status).to.be.within(400, 403);
        expect((await rawPoll(stage, `sid=${id}`, headers, '420["refresh",{}]')).status).to.be.within(400, 403);
        expect((await rawRequest(stage, `transport=websocket&sid=${id}`, headers)).status).to.be.within(400, 403);
        expect((await open(`transport=polling&sid=${id}`, headers)).status).to.be.within(400, 403);
      }
      expect(await member.ask('refresh', {})).to.have.property('ok', true);
    });

    it('refuses a foreign origin, logs it once, and lets any origin read the refusal', async () => {
      expect((await open('transport=websocket', evil)).status).to.equal(403);
      const { status, body, headers } = await rawPoll(stage, '', evil);
      expect([status, JSON.parse(body)]).to.deep.equal([403, { code: 4, message: 'The origin is not allowed.' }]);
      expect(headers['access-control-allow-origin']).to.equal('*');
      expect(stage.logged).to.deep.equal([
        {
          fields: { origin: 'https://evil.test', cause: 'origin_refused', setting: 'origins', count: 1 },
          message: 'a socket request was refused: its origin is not in origins',
        },
      ]);
    });

    it('refuses long polling, and names the option in the log', async () => {
      const { status, body } = await rawPoll(stage, '', withKey);
      expect([status, JSON.parse(body)]).to.deep.equal([400, { code: 0, message: 'Long polling is not offered.' }]);
      expect(stage.logged[0]).to.have.property('message').that.include('longPolling offers it');
    });
  });

  describe('of a server with long polling', () => {
    beforeEach(async () => {
      stage = await createStage({}, {}, { longPolling: true });
    });

    it('opens no connection by long polling without a well-formed connection key', async () => {
      for (const headers of [
        {},
        { [connectionKeyNames.header]: 'short' },
        { [connectionKeyNames.header]: `${key} ${key}` },
      ]) {
        const { status, body } = await rawPoll(stage, '', headers);
        expect([status, JSON.parse(body).message]).to.deep.equal([
          400,
          'Long polling needs a connection key in the header Latchkey-Connection-Key.',
        ]);
      }
    });

    it('signs in by long polling and continues by WebSocket with the key of the first request', async () => {
      const id = await pollingMember();
      const webSocket = await upgrade(id, offering(key));
      expect([webSocket.status, /sec-websocket-protocol: (.*)/i.exec(webSocket.head)?.[1]]).to.deep.equal([
        101,
        'latchkey',
      ]);
      webSocket.send('2probe');
      await webSocket.waitForText('3probe');
      webSocket.send('5', '420["refresh",{}]');
      await webSocket.waitForText('access_token');
    });

    it('refuses the engine id of a signed-in connection without its key, at each transport', async () => {
      const id = await pollingMember();
      const other = 'o'.repeat(22);
      for (const headers of [{}, { [connectionKeyNames.header]: other }, offering(other)]) {
        const thief = await upgrade(id, headers);
        thief.send('2probe', '5', '420["refresh",{}]');
        await thief.waitForClose();
        expect([thief.status, thief.received().includes('access_token')]).to.deep.equal([403, false]);
        expect((await rawPoll(stage, `sid=${id}`, headers)).status).to.equal(403);
        expect((await rawPoll(stage, `sid=${id}`, headers, '420["refresh",{}]')).status).to.equal(403);
      }
      expect((await rawPoll(stage, `sid=${id}`, withKey, '420["refresh",{}]')).status).to.equal(200);
      expect((await rawPoll(stage, `sid=${id}`, withKey)).body).to.include('access_token');
    });

    it('answers a call by long polling that was sent during the drain, and then ends the connection', async () => {
      const id = await pollingMember();
      const poll = async () => (await rawPoll(stage, `sid=${id}`, withKey)).body;
      const drained = stage.protocol.drain({ spreadMs: 0, deadlineMs: 10_000 });
      await rawPoll(stage, `sid=${id}`, withKey, '420["refresh",{}]');
      let received = '';
      while (!received.includes('server_drain') || !received.includes('access_token')) received += await poll();
      await rawPoll(stage, `sid=${id}`, withKey, '3');
      expect(await poll()).to.match(/1$/);
      expect(await drained).to.deep.equal({ notified: 1, terminated: 0 });
    });

    it('checks the origin of each request, also with a valid connection key', async () => {
      const id = await pollingMember();
      expect((await rawPoll(stage, '', { ...withKey, ...evil })).status).to.equal(403);
      expect((await rawPoll(stage, `sid=${id}`, { ...withKey, ...evil })).status).to.equal(403);
      expect((await rawPoll(stage, `sid=${id}`, { ...withKey, ...evil }, '420["refresh",{}]')).status).to.equal(403);
      expect((await upgrade(id, { ...offering(key), ...evil })).status).to.equal(403);
    });

    it('refuses a second upgrade of a connection', async () => {
      const id = await pollingMember();
      const first = await upgrade(id, offering(key));
      expect((await upgrade(id, offering(key))).status, 'while it is probed').to.equal(400);
      first.send('2probe');
      await first.waitForText('3probe');
      first.send('5', '420["refresh",{}]');
      await first.waitForText('access_token');
      expect((await upgrade(id, offering(key))).status, 'after it moved').to.equal(400);
      expect((await rawPoll(stage, `sid=${id}`, withKey)).status, 'back to long polling').to.equal(400);
    });

    it('keeps the transport when the upgrade was not probed, or arrives inside a message', async () => {
      const id = await pollingMember();
      const inPieces = await upgrade(id, offering(key));
      inPieces.sendFrames(frame(1, '2pro', { isLast: false }), frame(0, 'be', { isLast: false }), frame(1, '5'));
      await inPieces.waitForClose();
      const unprobed = await upgrade(id, offering(key));
      unprobed.send('420["refresh",{}]');
      await unprobed.waitForClose(4_000);
      expect(unprobed.received()).not.to.include('access_token');
      expect((await rawPoll(stage, `sid=${id}`, withKey, '420["refresh",{}]')).status).to.equal(200);
    });

    it('ends a WebSocket that sends a second probe, and keeps the connection by long polling', async () => {
      const id = await pollingMember();
      const webSocket = await upgrade(id, offering(key));
      webSocket.send('2probe', '2probe', '2probe');
      await webSocket.waitForClose();
      expect(webSocket.received().split('3probe')).to.have.length.below(4);
      expect((await rawPoll(stage, `sid=${id}`, withKey, '420["refresh",{}]')).status).to.equal(200);
    });

    it('answers a preflight only for an allowed origin', async () => {
      const preflight = (origin: string) =>
        fetch(`http://127.0.0.1:${stage.port}/socket.io/?EIO=4&transport=polling`, {
          method: 'OPTIONS',
          headers: { origin, 'access-control-request-method': 'GET' },
        });
      const allowed = await preflight('https://app.test');
      expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).to.deep.equal([
        204,
        'https://app.test',
      ]);
      expect(allowed.headers.get('access-control-allow-headers')).to.include('Latchkey-Connection-Key');
      expect((await preflight('https://evil.test')).status).to.equal(403);
    });
  });
});
