import { expect } from 'chai';
import { grantOf, tokenOf } from './scripted-authority.ts';
import { createStage, type Stage } from './stage.ts';

const key = 'AAAAAAAAAAAAAAAAAAAAAA';

describe('after a suspension of the process', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await createStage();
    stage.suspension.start();
    stage.authority.script.exchange = () => grantOf('s1');
  });
  afterEach(() => stage.end());

  const exchanges = () => stage.authority.of('exchange').length;

  it('answers unavailable to an authenticate that was sent before, and processes one after the pong', async () => {
    const client = await stage.client();
    stage.clock.sleep(76_000);
    client.emit('authenticate', { token: tokenOf('s1'), rotation_key: key });
    expect(await client.take('unauthorized')).to.include({ code: 'unavailable', retryable: true });
    expect(exchanges()).to.equal(0);
    await stage.settle();
    client.emit('authenticate', { token: tokenOf('s1'), rotation_key: key });
    await client.take('authenticated');
    expect(exchanges()).to.equal(1);
  });

  it('answers unavailable to logout and calls of the app, and processes none', async () => {
    const client = await stage.member('s1');
    let called = 0;
    stage.sideOf(client).on('transfer', (_payload: unknown, ack: (answer: unknown) => void) => {
      called += 1;
      ack({ ok: true });
    });
    stage.clock.sleep(3_000);
    const answers = await Promise.all([
      client.ask('logout', {}),
      client.ask('transfer', {}),
      client.ask('refresh', {}),
    ]);
    for (const answer of answers) expect(answer).to.nested.include({ ok: false, 'error.code': 'unavailable' });
    expect([called, stage.authority.of('logout').length, stage.authority.of('refresh').length]).to.deep.equal([
      0, 0, 0,
    ]);
    await stage.settle();
    expect(await client.ask('transfer', {})).to.deep.equal({ ok: true });
    expect(called).to.equal(1);
  });

  it('does not accept the pong to an earlier ping', async () => {
    const client = await stage.client();
    const engine = client.socket.io.engine as unknown as { _sendPacket(type: string, ...more: unknown[]): void };
    const send = engine._sendPacket.bind(engine);
    engine._sendPacket = (type, ...more) => {
      if (type !== 'pong') send(type, ...more);
    };
    (stage.sideOf(client).conn as unknown as { sendPacket(type: string): void }).sendPacket('ping');
    stage.clock.sleep(3_000);
    stage.suspension.check();
    send('pong');
    client.emit('authenticate', { token: tokenOf('s1'), rotation_key: key });
    expect(await client.take('unauthorized')).to.include({ code: 'unavailable' });
    send('pong');
    client.emit('authenticate', { token: tokenOf('s1'), rotation_key: key });
    await client.take('authenticated');
    expect(exchanges()).to.equal(1);
  });

  it('requires one pong of a connection that has answered the pings of Engine.IO', async () => {
    Object.assign(stage.io.engine.opts, { pingInterval: 20 });
    const client = await stage.client();
    const { conn } = stage.sideOf(client);
    await new Promise((resolve) => conn.once('heartbeat', resolve));
    // No further ping of Engine.IO, whose pong would count as well.
    clearTimeout((conn as unknown as { pingIntervalTimer: NodeJS.Timeout }).pingIntervalTimer);
    stage.clock.sleep(3_000);
    stage.suspension.check();
    await stage.settle();
    client.emit('authenticate', { token: tokenOf('s1'), rotation_key: key });
    await client.take('authenticated');
  });

  it('requires no pong of a connection that was opened afterwards', async () => {
    stage.clock.sleep(3_000);
    stage.suspension.check();
    const client = await stage.client();
    client.emit('authenticate', { token: tokenOf('s1'), rotation_key: key });
    await client.take('authenticated');
  });
});
