import { expect } from 'chai';
import type { Grant } from '../../src/index.ts';
import { grantOf } from './scripted-authority.ts';
import { type Client, createStage, type Stage } from './stage.ts';

describe('drain', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await createStage();
  });
  afterEach(() => stage.end());

  it('spreads reconnects evenly, and closes transports so that clients reconnect by themselves', async () => {
    const clients = [];
    for (let n = 0; n < 4; n += 1) clients.push(await stage.member(`s${n}`));
    const first = stage.protocol.drain({ spreadMs: 30_000, deadlineMs: 10_000 });
    expect(stage.protocol.drain({ spreadMs: 1, deadlineMs: 1 })).to.equal(first);
    expect(await first).to.deep.equal({ notified: 4, terminated: 0 });
    const delays = [];
    for (const client of clients) {
      delays.push(((await client.take('server_drain')) as { reconnect_after_ms: number }).reconnect_after_ms);
      expect(await client.take('disconnect')).to.equal('transport close');
      expect(client.socket.active).to.equal(true);
    }
    expect(delays).to.deep.equal([0, 7_500, 15_000, 22_500]);
  });

  it('refuses new authenticate attempts', async () => {
    await stage.protocol.drain({ spreadMs: 0, deadlineMs: 0 });
    const client = await stage.client();
    client.emit('authenticate', { token: 'sid:s1' });
    expect(await client.take('unauthorized')).to.include({ code: 'server_draining', retryable: true });
    expect(await client.take('disconnect')).to.equal('transport close');
    expect(stage.authority.of('exchange')).to.deep.equal([]);
  });

  it('answers a call in flight before it closes the socket', async () => {
    const client = await stage.client();
    let answer!: (grant: Grant) => void;
    stage.authority.script.exchange = () => new Promise((resolve) => (answer = resolve));
    client.emit('authenticate', { token: 'x' });
    await stage.settle();
    const drained = stage.protocol.drain({ spreadMs: 0, deadlineMs: 10_000 });
    await stage.settle();
    answer(grantOf('s1'));
    await client.take('authenticated');
    await client.take('server_drain');
    expect(await drained).to.deep.equal({ notified: 1, terminated: 0 });
  });

  it('closes sockets with unanswered calls at the deadline, and reports their number', async () => {
    const [client, leaver] = [await stage.client(), await stage.client()];
    stage.authority.script.exchange = () => new Promise(() => {});
    client.emit('authenticate', { token: 'x' });
    leaver.emit('authenticate', { token: 'x' });
    await stage.settle();
    const drained = stage.protocol.drain({ spreadMs: 0, deadlineMs: 10_000 });
    leaver.socket.close();
    await stage.settle();
    await stage.pass(10_000);
    expect(await drained).to.deep.equal({ notified: 0, terminated: 1 });
    expect(await client.take('disconnect')).to.equal('transport close');
  });

  it('answers calls that a client sent before it read server_drain, then closes its transport', async () => {
    const client = await stage.member('s1');
    const answers: ((answer: string) => void)[] = [];
    stage.sideOf(client).on('slow', (answer: (answer: string) => void) => answers.push(answer));
    const sendPong = holdPongs(client);
    const drained = stage.protocol.drain({ spreadMs: 0, deadlineMs: 10_000 });
    const call = client.ask('slow');
    await client.take('server_drain');
    sendPong();
    await stage.settle();
    expect(client.socket.connected).to.equal(true);
    answers[0]!('done');
    expect(await call).to.equal('done');
    expect(await client.take('disconnect')).to.equal('transport close');
    expect(await drained).to.deep.equal({ notified: 1, terminated: 0 });
  });

  it('does not wait for a call without a listener', async () => {
    const client = await stage.member('s1');
    const sendPong = holdPongs(client);
    const drained = stage.protocol.drain({ spreadMs: 0, deadlineMs: 10_000 });
    client.emit('unheard', () => {});
    await client.take('server_drain');
    sendPong();
    expect(await drained).to.deep.equal({ notified: 1, terminated: 0 });
  });

  it('closes the transport of a client that does not answer, and ends once that client has read everything', async () => {
    const client = await stage.member('s1');
    const ws = webSocketOf(client);
    let isOver = false;
    ws.pause();
    const drained = stage.protocol.drain({ spreadMs: 0, deadlineMs: 10_000 }).finally(() => {
      isOver = true;
    });
    await stage.settle();
    await stage.pass(1_250);
    expect(isOver).to.equal(false);
    ws.resume();
    await client.take('server_drain');
    expect(await client.take('disconnect')).to.equal('transport close');
    expect(await drained).to.deep.equal({ notified: 1, terminated: 0 });
  });
});

interface ClientWebSocket {
  send(data: unknown, ...more: unknown[]): void;
  pause(): void;
  resume(): void;
}

const webSocketOf = ({ socket }: Client) => (socket.io.engine.transport as unknown as { ws: ClientWebSocket }).ws;

/** Holds back the client's pongs, as a slow network does; returns the function that sends them. */
function holdPongs(client: Client): () => void {
  const webSocket = webSocketOf(client);
  const send = webSocket.send.bind(webSocket);
  const held: (() => void)[] = [];
  webSocket.send = (data, ...more) => {
    if (data === '3') held.push(() => send(data, ...more));
    else send(data, ...more);
  };
  return () => {
    for (const pong of held.splice(0)) pong();
  };
}
