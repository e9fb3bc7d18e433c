import { connectionKeyNames } from '@latchkey/contract';
import { expect } from 'chai';
import { createPlainClient, newKey, type PlainClient } from '../test-kit/client/plain-client.ts';
import {
  frame,
  idIn,
  type RawWebSocket,
  rawPoll,
  rawRequest,
  rawUpgrade,
} from '../test-kit/client/raw-engine-client.ts';
import { type ServiceProcess, startService } from '../test-kit/node/service-process.ts';
import { waitFor } from '../test-kit/wait-for.ts';
import { type AppProcess, developersCredential, startApp } from './link/app-process.ts';

type Headers = Readonly<Record<string, string>>;

const password = 'correct horse battery';
/** Rounds of floods; ENGINE_ROUNDS sets more: `npm run test:engine` takes 10. */
const rounds = Number(process.env.ENGINE_ROUNDS ?? 1);
const refresh = '420["refresh",{}]';
const foreign = { Origin: 'https://evil.test' };
const mebibyte = 1_048_576;
let users = 0;

const limitName = 'LATCHKEY_MAX_UNAUTHENTICATED_SOCKETS_PER_ADDRESS';
const probe = {
  NODE_OPTIONS: `--expose-gc --import=${new URL('./engine/memory-probe.mjs', import.meta.url).href}`,
};
const newConnectionKey = () => newKey();
const inHeader = (key: string): Headers => ({ [connectionKeyNames.header]: key });
const offered = (key: string): Headers => ({
  'Sec-WebSocket-Protocol': `${connectionKeyNames.subprotocol}, ${connectionKeyNames.subprotocolPrefix}${key}`,
});

type Measured = Pick<ServiceProcess, 'kill' | 'log'>;

/** Bytes that a process holds after a garbage collection. */
async function liveBytes({ kill, log }: Measured): Promise<number> {
  const measured = () => [...log().matchAll(/live memory: (\d+)\n/g)];
  const { length } = measured();
  kill('SIGUSR2');
  await waitFor(() => measured().length > length, 10_000);
  return Number(measured().at(-1)![1]);
}

describe('the engine, by a raw client', function () {
  this.timeout(60_000 + 30_000 * rounds);
  let service: ServiceProcess;
  let app: AppProcess;
  const opened: RawWebSocket[] = [];
  const clients: PlainClient[] = [];

  before(async () => {
    service = await startService({
      env: {
        LATCHKEY_LONG_POLLING: 'true',
        LATCHKEY_TRUST_PROXY: '127.0.0.1',
        [limitName]: '20',
        ...probe,
      },
    });
    await service.ready();
    const serve = { origins: ['https://app.test'], longPolling: true };
    app = await startApp(developersCredential(service), { latchkey: { url: service.url }, serve }, probe);
    await app.ready();
  });
  after(async () => {
    await app?.stop();
    await service?.stop();
  });
  afterEach(() => {
    for (const { tcp } of opened.splice(0)) tcp.destroy();
    for (const client of clients.splice(0)) client.close();
  });

  it('accepts 20 sockets of one client behind the proxy before sign-in, and names the setting in the log', async () => {
    const statuses: number[] = [];
    for (let n = 0; n < 22; n += 1) {
      const webSocket = await rawUpgrade(service, 'transport=websocket', {
        'X-Forwarded-For': `2001:db8:0:1::${n + 1}`,
      });
      opened.push(webSocket);
      statuses.push(webSocket.status);
    }
    const other = await rawUpgrade(service, 'transport=websocket', { 'X-Forwarded-For': '2001:db8:0:2::1' });
    opened.push(other);
    expect(statuses).to.deep.equal([...Array<number>(20).fill(101), 429, 429]);
    expect(other.status).to.equal(101);
    await waitFor(() => service.log().includes(`not signed in (${limitName})`), 2_000);
  });

  for (const [place, target] of [
    ['the service', () => service],
    ['an app on sdk-server', () => app],
  ] as const) {
    describe(`at ${place}`, () => {
      async function open(query: string, headers: Headers = {}, path = '/socket.io/'): Promise<RawWebSocket> {
        const webSocket = await rawUpgrade({ port: target().port, path }, query, headers);
        opened.push(webSocket);
        return webSocket;
      }
      const upgrade = (id: string, headers: Headers = {}) => open(`transport=websocket&sid=${id}`, headers);
      const poll = (query: string, headers: Headers, body?: string) => rawPoll(target(), query, headers, body);

      function user(): { client: PlainClient; login: ReturnType<PlainClient['register']> } {
        const client = createPlainClient({ url: service.url, socketUrl: target().url });
        clients.push(client);
        users += 1;
        return { client, login: client.register(`raw-${users}@example.test`, password) };
      }

      /** Signed in by WebSocket. */
      async function memberByWebSocket() {
        const { client, login } = user();
        const socket = await client.connect();
        await socket.authenticate({ ...(await login), rotation_key: newKey() });
        return {
          id: socket.engineId(),
          lives: async () => (await socket.raw.emitWithAck('refresh', {})).ok as boolean,
        };
      }

      /** Signed in by long polling. */
      async function memberByPolling() {
        const key = newConnectionKey();
        const login = await user().login;
        const id = idIn((await poll('', inHeader(key))).body);
        await poll(`sid=${id}`, inHeader(key), `40${JSON.stringify({ ...login, rotation_key: newKey() })}`);
        const receive = async (wanted: string) => {
          let received = '';
          while (!received.includes(wanted)) {
            const { status, body } = await poll(`sid=${id}`, inHeader(key));
            if (status !== 200) throw new Error(`${status} ${body}`);
            received += body;
          }
        };
        await receive('"authenticated"');
        const lives = async () => {
          await poll(`sid=${id}`, inHeader(key), refresh);
          await receive('access_token');
          return true;
        };
        return { id, key, lives };
      }

      /** Sends everything that needs no more than the id; returns what was let in. */
      async function tryId(id: string, headers: Headers): Promise<string[]> {
        const letIn: string[] = [];
        const note = (what: string, isLetIn: boolean) => isLetIn && letIn.push(what);
        for (const path of ['/socket.io/', '/socket.io/x', '/socket.io//']) {
          for (const query of [
            `transport=websocket&sid=${id}`,
            `transport=polling&sid=${id}`,
            `sid=none&transport=websocket&sid=${id}`,
          ]) {
            const thief = await open(query, headers, path);
            thief.send('2probe', '5', refresh, '41');
            if (thief.status !== 0) await thief.waitForClose(4_000);
            note(`upgrade ${path} ${query}`, thief.status === 101 || thief.received().includes('access_token'));
          }
          for (const query of [`transport=polling&sid=${id}`, `transport=websocket&sid=${id}`]) {
            const at = { port: target().port, path };
            note(`GET ${path} ${query}`, (await rawRequest(at, query, headers)).status === 200);
            note(`POST ${path} ${query}`, (await rawRequest(at, query, headers, refresh)).status === 200);
          }
        }
        return letIn;
      }

      it('refuses clients with the engine id of a WebSocket connection', async () => {
        const member = await memberByWebSocket();
        for (const headers of [{}, foreign, inHeader(newConnectionKey()), offered(newConnectionKey())])
          expect(await tryId(member.id, headers)).to.deep.equal([]);
        expect(await member.lives()).to.equal(true);
      });

      it('refuses clients with the engine id of a long-polling connection', async () => {
        const member = await memberByPolling();
        for (const headers of [{}, foreign, inHeader(newConnectionKey()), offered(newConnectionKey())])
          expect(await tryId(member.id, headers)).to.deep.equal([]);
        expect(await member.lives()).to.equal(true);
      });

      it('refuses a foreign origin at each step, also with the key', async () => {
        expect((await open('transport=websocket', foreign)).status).to.equal(403);
        const { id, key, lives } = await memberByPolling();
        expect((await poll('', { ...inHeader(key), ...foreign })).status).to.equal(403);
        expect((await poll(`sid=${id}`, { ...inHeader(key), ...foreign })).status).to.equal(403);
        expect((await poll(`sid=${id}`, { ...inHeader(key), ...foreign }, refresh)).status).to.equal(403);
        expect((await upgrade(id, { ...offered(key), ...foreign })).status).to.equal(403);
        expect(await lives()).to.equal(true);
      });

      it('continues by long polling after a probe without an upgrade, an upgrade without a probe, and one in the middle of a message', async () => {
        const { id, key, lives } = await memberByPolling();
        const probe = await upgrade(id, offered(key));
        probe.send('2probe');
        await probe.waitForText('3probe');
        probe.tcp.destroy();
        const inPieces = await upgrade(id, offered(key));
        inPieces.sendFrames(frame(1, '42["ref', { isLast: false }), frame(1, '5'));
        await inPieces.waitForClose(4_000);
        const unprobed = await upgrade(id, offered(key));
        unprobed.send(refresh);
        await unprobed.waitForClose(4_000);
        expect(unprobed.received()).not.to.include('access_token');
        expect(await lives()).to.equal(true);
      });

      it('refuses a second upgrade', async () => {
        const { id, key } = await memberByPolling();
        const first = await upgrade(id, offered(key));
        expect((await upgrade(id, offered(key))).status).to.equal(400);
        first.send('2probe');
        await first.waitForText('3probe');
        first.send('5', refresh);
        await first.waitForText('access_token');
        expect((await upgrade(id, offered(key))).status).to.equal(400);
        first.send('5', '420["activity",{}]');
        expect((await poll(`sid=${id}`, inHeader(key), refresh)).status).to.equal(400);
        const { length } = first.received();
        first.send('421["refresh",{}]');
        await waitFor(() => first.received().slice(length).includes('431['), 2_000);
        expect(first.isClosed()).to.equal(false);
      });

      /** Sends 200,000 frames to a connection, unless it is cut before, and reads nothing. */
      async function flood(webSocket: RawWebSocket, one: Buffer): Promise<void> {
        webSocket.tcp.pause();
        const many = Buffer.concat(Array.from({ length: 500 }, () => one));
        for (let sent = 0; sent < 400 && !webSocket.isClosed(); sent += 1)
          await new Promise((resolve) => webSocket.tcp.write(many, resolve));
      }

      /** One connection of each kind: not signed in, being probed, and upgraded. */
      async function eachKind(): Promise<RawWebSocket[]> {
        const probing = await memberByPolling();
        const moved = await memberByPolling();
        const upgraded = await upgrade(moved.id, offered(moved.key));
        upgraded.send('2probe');
        await upgraded.waitForText('3probe');
        upgraded.send('5');
        return [await open('transport=websocket'), await upgrade(probing.id, offered(probing.key)), upgraded];
      }

      it(`grows by less than 10 MiB under pings and messages whose answers are not read (rounds: ${rounds})`, async () => {
        const packets = [frame(9, Buffer.alloc(125)), frame(1, '2probe'), frame(1, '40/nowhere,'), frame(1, refresh)];
        await eachKind();
        const before = await liveBytes(target());
        for (let round = 0; round < rounds; round += 1) {
          for (const one of packets) {
            for (const webSocket of await eachKind()) await flood(webSocket, one);
            expect(((await liveBytes(target())) - before) / mebibyte).to.be.below(10);
          }
        }
      });
    });
  }
});
