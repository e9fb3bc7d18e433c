import { connect as connectTcp, type Socket as TcpSocket } from 'node:net';
import { expect } from 'chai';
import type { BrowserProtocolOptions } from '../../src/index.ts';
import { isBacklogged, peekSessionId, takeToken } from '../../src/socket/limits.ts';
import { tokenOf } from './scripted-authority.ts';
import { createStage, type Stage } from './stage.ts';

describe('takeToken', () => {
  it('allows the burst, then the rate per second', () => {
    const bucket = { tokens: 3, updatedAt: 0 };
    const taken = [0, 0, 0, 0, 50, 100, 100].map((now) => takeToken(bucket, 3, 10, now));
    expect(taken).to.deep.equal([true, true, true, false, false, true, false]);
    expect([9_999, 9_999, 9_999, 9_999].map((now) => takeToken(bucket, 3, 10, now))).to.deep.equal([
      true,
      true,
      true,
      false,
    ]);
  });
});

describe('peekSessionId', () => {
  it('reads the session id of an unverified credential, and undefined from malformed text', () => {
    expect(peekSessionId(tokenOf('s1'))).to.equal('s1');
    const bad = ['', 'a', 'a.b.c', '..', `a.${Buffer.from('null').toString('base64url')}.c`, tokenOf('x'.repeat(65))];
    for (const credential of bad) expect(peekSessionId(credential)).to.equal(undefined);
  });
});

describe('isBacklogged', () => {
  const engine = (bufferedAmount: number, queued: string[]) => ({
    writeBuffer: queued.map((data) => ({ data })),
    transport: { socket: { bufferedAmount } },
  });

  it('adds the bytes in the socket and in the queue', () => {
    expect(isBacklogged(engine(600, ['x'.repeat(300)]), {}, 1_000)).to.equal(false);
    expect(isBacklogged(engine(600, ['x'.repeat(500)]), {}, 1_000)).to.equal(true);
  });

  it('examines a long queue at every 64th packet and at each large one', () => {
    const queue = (length: number) => Array.from({ length }, () => 'x'.repeat(100));
    expect(isBacklogged(engine(0, queue(100)), { data: 'x' }, 1_000)).to.equal(false);
    expect(isBacklogged(engine(0, queue(128)), { data: 'x' }, 1_000)).to.equal(true);
    expect(isBacklogged(engine(0, queue(100)), { data: 'x'.repeat(20_000) }, 1_000)).to.equal(true);
  });
});

describe('limits of a connection', () => {
  const raws: TcpSocket[] = [];
  const stages: Stage[] = [];
  const open = async (options: Partial<BrowserProtocolOptions> = {}) => {
    const stage = await createStage(options);
    stages.push(stage);
    return stage;
  };
  afterEach(async () => {
    for (const raw of raws.splice(0)) raw.destroy();
    for (const stage of stages.splice(0)) await stage.end();
  });

  it('logs the limit when a message of a signed-in socket is above maxHttpBufferSize, and nothing before sign-in', async () => {
    const stage = await open();
    const guest = await stage.client();
    guest.emit('note', 'x'.repeat(70_000));
    await guest.take('disconnect');
    const member = await stage.member('s1');
    member.emit('note', 'x'.repeat(70_000));
    await member.take('disconnect');
    await stage.settle();
    expect(stage.logged).to.deep.equal([
      {
        fields: {
          ...{ sid: 's1', max_http_buffer_size: 65_536, count: 1 },
          ...{ cause: 'message_too_large', setting: 'maxHttpBufferSize' },
        },
        message: 'a message above maxHttpBufferSize closed its connection',
      },
    ]);
  });

  /** A client that speaks WebSocket by hand: joins the namespace, and answers nothing after. */
  async function connectRaw(port: number): Promise<TcpSocket> {
    const raw = connectTcp(port, '127.0.0.1');
    raws.push(raw);
    raw.write(
      'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
    );
    await new Promise((resolve) => raw.once('data', resolve));
    raw.write(Buffer.from([0x81, 0x82, 0, 0, 0, 0, ...Buffer.from('40')]));
    return raw;
  }
  it('drops messages above the burst, and ends the connection at twice the burst', async () => {
    const stage = await open({ limits: { messageBurst: 20, messagesPerSecond: 5 } });
    const client = await stage.member('s1');
    let handled = 0;
    stage.sideOf(client).on('api', () => {
      handled += 1;
    });
    for (let n = 0; n < 30; n += 1) client.emit('api');
    await stage.settle();
    expect(handled).to.equal(19);
    expect(client.socket.connected).to.equal(true);
    for (let n = 0; n < 40; n += 1) client.emit('unheard of');
    expect(await client.take('disconnect')).to.match(/^transport/);
    expect(handled).to.equal(19);
  });

  it('answers a call above the burst with retry_after_ms, after which the call passes', async () => {
    const stage = await open({ limits: { messageBurst: 20, messagesPerSecond: 10 } });
    const client = await stage.member('s1');
    stage.sideOf(client).on('api', (_call: unknown, ack: (answer: unknown) => void) => ack({ ok: true, data: 1 }));
    const answers = await Promise.all(Array.from({ length: 25 }, () => client.ask('api', 'list')));
    expect(answers.slice(0, 19)).to.deep.equal(Array(19).fill({ ok: true, data: 1 }));
    const error = { code: 'rate_limited', message: 'Too many attempts. Wait before the next one.', retryable: true };
    expect(answers.slice(19)).to.deep.equal(Array(6).fill({ ok: false, error: { ...error, retry_after_ms: 1_334 } }));
    await stage.pass(1_334);
    expect(await client.ask('api', 'list')).to.deep.equal({ ok: true, data: 1 });
    expect(client.socket.connected).to.equal(true);
  });

  it('ends the connection of a client that rejoins the namespace for a new burst', async () => {
    const stage = await open();
    const client = await stage.client();
    const engine = client.socket.io.engine;
    (engine as unknown as { write(data: string): void }).write('1');
    await stage.settle();
    expect(engine.readyState).to.equal('closed');
  });

  it('cuts a client that does not read', async () => {
    const stage = await open({ limits: { backlogBytes: 200_000 } });
    const raw = await connectRaw(stage.port);
    await stage.settle();
    raw.pause();
    const [socket] = [...stage.io.sockets.sockets.values()];
    const gone = new Promise((resolve) => socket!.once('disconnect', resolve));
    let sent = 0;
    for (; socket!.connected && sent < 2_000; sent += 1) {
      socket!.emit('news', 'x'.repeat(10_000));
      if (sent % 50 === 0) await stage.settle(1);
    }
    await gone;
    expect(sent).to.be.lessThan(2_000);
  });

  it('cuts a client that does not answer the close frame', async () => {
    const stage = await open();
    const raw = await connectRaw(stage.port);
    raw.on('data', () => {});
    let isClosed = false;
    raw.on('close', () => {
      isClosed = true;
    });
    await stage.settle();
    await stage.pass(5_300);
    expect(isClosed).to.equal(false);
    await stage.pass(2_500);
    expect(isClosed).to.equal(true);
  });

  it('throws for invalid limits at the mount', async () => {
    const failed = await createStage({ limits: { messageBurst: 0 } }).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(failed).to.be.instanceOf(TypeError);
  });
});
