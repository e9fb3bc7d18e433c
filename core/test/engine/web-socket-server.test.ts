import { expect } from 'chai';
import type { WebSocket } from 'ws';
import { frame, type RawWebSocket, rawUpgrade } from '../../../test-kit/client/raw-engine-client.ts';
import { createStage, type Stage } from '../socket/stage.ts';

describe('BoundedWebSocketServer', () => {
  let stage: Stage;
  let client: RawWebSocket;
  let webSocket: WebSocket;

  beforeEach(async () => {
    stage = await createStage();
    stage.io.engine.once('connection', (connection: { transport: { socket: WebSocket } }) => {
      webSocket = connection.transport.socket;
    });
    client = await rawUpgrade(stage, 'transport=websocket');
  });
  afterEach(async () => {
    client.tcp.destroy();
    await stage.end();
  });

  it('answers a ping with a pong', async () => {
    client.sendFrames(frame(9, 'one'));
    await client.waitForText('\x8a\x03one');
  });

  it('answers only the latest of many pings once the client reads', async () => {
    client.sendFrames(...Array.from({ length: 50_000 }, (_, n) => frame(9, `ping ${n}`)));
    await client.waitForText('ping 49999');
  });

  it('keeps one pong in memory when the sender of many pings does not read', async () => {
    client.tcp.pause();
    const pings = Buffer.concat(Array.from({ length: 500 }, () => frame(9, Buffer.alloc(125))));
    let most = 0;
    for (let sent = 0; sent < 400; sent += 1) {
      await new Promise((resolve) => client.tcp.write(pings, resolve));
      most = Math.max(most, webSocket.bufferedAmount);
    }
    expect(most).to.be.below(1_000);
  });

  it('ends a connection that sends a message in more than 1,024 fragments', async () => {
    const fragments = (count: number) => Array.from({ length: count }, () => frame(0, 'x', { isLast: false }));
    client.sendFrames(frame(1, '4', { isLast: false }), ...fragments(1_023), frame(9, 'one'));
    await client.waitForText('\x8a\x03one');
    client.sendFrames(...fragments(1));
    await client.waitForText('\x88');
  });

  it('ends the TCP connection 2 s after its close frame, whether the client answers or not', async () => {
    client.send('garbage');
    await client.waitForText('\x88');
    await client.waitForClose(4_000);
  });
});
