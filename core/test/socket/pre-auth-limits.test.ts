import { expect } from 'chai';
import { Server } from 'socket.io';
import { frame, type RawWebSocket, rawUpgrade } from '../../../test-kit/client/raw-engine-client.ts';
import { waitFor } from '../../../test-kit/wait-for.ts';
import { mountBrowserProtocol } from '../../src/index.ts';
import { createSystemClock } from '../../src/internal.ts';
import { createScriptedAuthority } from './scripted-authority.ts';
import { createStage, type Stage } from './stage.ts';

describe('createPreAuthLimits', () => {
  let stage: Stage;
  let guest: RawWebSocket;
  let answered: number;

  const open = () => rawUpgrade(stage, 'transport=websocket');
  /** Socket.IO packets of the guest, in one write. */
  const say = (...packets: readonly (string | Buffer)[]) =>
    guest.sendFrames(
      ...packets.map((packet) => (typeof packet === 'string' ? frame(1, `4${packet}`) : frame(2, packet))),
    );

  beforeEach(async () => {
    stage = await createStage({ limits: { messageBurst: 20, backlogBytes: 200_000 } });
    answered = 0;
    stage.io.engine.on('connection', (engine: { on(event: string, listener: () => void): void }) =>
      engine.on('packetCreate', () => {
        answered += 1;
      }),
    );
    guest = await open();
    answered = 0;
  });
  afterEach(async () => {
    guest.tcp.destroy();
    await stage.end();
  });

  it('cuts a connection that joins the browsers’ namespace twice at once, and keeps no state of it', async () => {
    say('0{"token":"sid:s1"}', '0{"token":"sid:s2"}', '0');
    await waitFor(guest.isClosed);
    await stage.settle();
    expect(stage.protocol.counts()).to.deep.equal({ sockets: 0, authenticated: 0, inFlight: 0, deadlines: 0 });
  });

  it('closes a connection that joins unknown namespaces, and answers no further packet', async () => {
    say(...Array<string>(5_000).fill('0/nowhere,'));
    await waitFor(guest.isClosed);
    expect(answered).to.equal(20);
  });

  it('counts packets in the namespace of browsers until the sign-in', async () => {
    say('0');
    await stage.settle();
    say(...Array<string>(15).fill('399[1]'));
    await stage.settle();
    expect(guest.isClosed()).to.equal(false);
    say(...Array<string>(10).fill('399[1]'));
    await waitFor(guest.isClosed);
  });

  it('cuts a connection that sends more binary parts than allowed', async () => {
    say('0');
    await stage.settle();
    say('510-["x"]', ...Array.from({ length: 4 }, () => Buffer.alloc(60_000)));
    await stage.settle();
    expect(guest.isClosed()).to.equal(false);
    say(Buffer.alloc(60_000));
    await waitFor(guest.isClosed);
  });

  it('counts no packets after the sign-in', async () => {
    const member = await stage.member('s1');
    for (let n = 0; n < 30; n += 1) {
      member.emit('api', 'x'.repeat(20_000));
      await stage.pass(100);
    }
    expect(member.socket.connected).to.equal(true);
  });

  it('counts no messages in a public namespace', async () => {
    const app = await createStage({ limits: { messageBurst: 20 }, namespaces: { '/status': 'public' } });
    const received: unknown[] = [];
    app.io.of('/status').on('connection', (socket) => socket.on('say', (word) => received.push(word)));
    const client = await app.client({ namespace: '/status' });
    for (let n = 0; n < 30; n += 1) client.emit('say', n);
    await client.ask('ask').catch(() => {});
    expect(received).to.have.length(30);
    await app.end();
  });

  it('cuts a connection that joins more namespaces than allowed from a public one', async () => {
    await stage.end();
    stage = await createStage({ limits: { messageBurst: 20 }, namespaces: { '/status': 'public' } });
    stage.io.of('/status');
    stage.io.of('/chat');
    for (const name of ['/status', '/chat', '/nowhere']) {
      guest = await open();
      say('0/status,');
      await guest.waitForText('40/status');
      say(...Array<string>(5_000).fill(`0${name},`));
      await waitFor(guest.isClosed);
    }
  });

  it('cuts a connection that joins no namespace, or sends malformed packets, after 5 s', async () => {
    const garbage = await open();
    garbage.tcp.pause();
    garbage.send('4x');
    stage.clock.advance(4_900);
    await stage.settle();
    expect(guest.isClosed()).to.equal(false);
    stage.clock.advance(500);
    await guest.waitForClose();
    garbage.tcp.resume();
    await garbage.waitForClose(3_000);
    expect(stage.io.engine.clientsCount).to.equal(0);
  });

  it('throws for a server that is not attached', () => {
    const options = { authority: createScriptedAuthority(), clock: createSystemClock() };
    expect(() => mountBrowserProtocol(new Server(), options)).to.throw(TypeError, 'attach');
  });
});
