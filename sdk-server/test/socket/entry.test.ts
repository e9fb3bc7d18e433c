import { connect as connectTcp, type Socket as TcpSocket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'chai';
import { Server } from 'socket.io';
import { createSystemClock, mountBrowserProtocol } from '../../src/index.ts';
import { createScriptedAuthority } from './scripted-authority.ts';
import { createStage, type Stage } from './stage.ts';

/** A client that speaks WebSocket by hand, and that nobody knows. */
interface Stranger {
  readonly tcp: TcpSocket;
  isCut(): boolean;
  send(...packets: readonly (string | Buffer)[]): void;
}

/** One masked frame; the mask is all zeros. */
function frame(opcode: number, payload: string | Buffer): Buffer {
  const body = Buffer.from(payload);
  const length = Buffer.from(body.length < 126 ? [0x80 | body.length] : [0xfe, body.length >> 8, body.length & 255]);
  return Buffer.concat([Buffer.from([0x80 | opcode]), length, Buffer.alloc(4), body]);
}

async function openStranger(port: number): Promise<Stranger> {
  const tcp = connectTcp(port, '127.0.0.1');
  let isCut = false;
  tcp.on('error', () => {});
  tcp.once('close', () => {
    isCut = true;
  });
  tcp.write(
    'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
  );
  await new Promise((resolve) => tcp.once('data', resolve));
  tcp.on('data', () => {});
  return {
    tcp,
    isCut: () => isCut,
    send: (...packets) =>
      void tcp.write(
        Buffer.concat(
          packets.map((packet) => (typeof packet === 'string' ? frame(1, `4${packet}`) : frame(2, packet))),
        ),
      ),
  };
}

/** Waits 2 s at most. */
async function becomes(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 400 && !holds(); tries += 1) await wait(5);
  expect(holds()).to.equal(true);
}

describe('createEntry', () => {
  let stage: Stage;
  let stranger: Stranger;
  let answered: number;

  beforeEach(async () => {
    stage = await createStage({ limits: { messageBurst: 20, backlogBytes: 200_000 } });
    answered = 0;
    stage.io.engine.on('connection', (engine: { on(event: string, listener: () => void): void }) =>
      engine.on('packetCreate', () => {
        answered += 1;
      }),
    );
    stranger = await openStranger(stage.port);
    answered = 0;
  });
  afterEach(async () => {
    stranger.tcp.destroy();
    await stage.end();
  });

  it('cuts who asks for the browsers’ namespace twice at once, and forgets all of it', async () => {
    stranger.send('0{"token":"sid:s1"}', '0{"token":"sid:s2"}', '0');
    await becomes(stranger.isCut);
    await stage.settle();
    expect(stage.protocol.counts()).to.deep.equal({ sockets: 0, authenticated: 0, inFlight: 0, deadlines: 0 });
  });

  it('cuts who knocks at namespaces that do not exist, and answers nothing of the rest', async () => {
    stranger.send(...Array<string>(5_000).fill('0/nowhere,'));
    await becomes(stranger.isCut);
    expect(answered).to.equal(20);
  });

  it('goes on counting in the namespace of browsers until somebody signs in', async () => {
    stranger.send('0');
    await stage.settle();
    stranger.send(...Array<string>(15).fill('399[1]'));
    await stage.settle();
    expect(stranger.isCut()).to.equal(false);
    stranger.send(...Array<string>(10).fill('399[1]'));
    await becomes(stranger.isCut);
  });

  it('cuts who sends binary parts without end', async () => {
    stranger.send('0');
    await stage.settle();
    stranger.send('510-["x"]', ...Array.from({ length: 4 }, () => Buffer.alloc(60_000)));
    await stage.settle();
    expect(stranger.isCut()).to.equal(false);
    stranger.send(Buffer.alloc(60_000));
    await becomes(stranger.isCut);
  });

  it('counts nothing more of whoever has signed in', async () => {
    const member = await stage.member('s1');
    for (let n = 0; n < 30; n += 1) {
      member.emit('api', 'x'.repeat(20_000));
      await stage.pass(100);
    }
    expect(member.socket.connected).to.equal(true);
  });

  it('leaves the app’s own namespaces to the app, once they let somebody in', async () => {
    const heard: unknown[] = [];
    stage.io.of('/chat').on('connection', (socket) => socket.on('say', (word) => heard.push(word)));
    const guest = await stage.client({ namespace: '/chat' });
    for (let n = 0; n < 30; n += 1) guest.emit('say', n);
    await stage.settle();
    expect(heard).to.have.length(30);
  });

  it('wants a server that is attached', () => {
    const options = { authority: createScriptedAuthority(), clock: createSystemClock() };
    expect(() => mountBrowserProtocol(new Server(), options)).to.throw(TypeError, 'attach');
  });
});
