import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { listen, portOf } from '../listen.ts';
import { startTcpProxy, type TcpProxy } from '../tcp-proxy.ts';
import { waitFor } from '../wait-for.ts';

describe('startTcpProxy', () => {
  let server: Server;
  let proxy: TcpProxy;
  let received: string;
  let clients: Socket[];

  beforeEach(async () => {
    received = '';
    clients = [];
    server = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (chunk: Buffer) => {
        received += chunk.toString();
        socket.write(`re:${chunk}`);
      });
    });
    await listen(server);
    proxy = await startTcpProxy({ port: portOf(server) });
  });

  afterEach(async () => {
    for (const client of clients) client.destroy();
    await proxy.close();
    await new Promise((resolve) => server.close(resolve));
  });

  async function open(): Promise<{ socket: Socket; text: () => string; gone: () => boolean }> {
    const socket = connect(proxy.port, '127.0.0.1');
    clients.push(socket);
    let text = '';
    let gone = false;
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      gone = true;
    });
    await once(socket, 'connect');
    await sleep(20);
    return { socket, text: () => text, gone: () => gone };
  }

  it('limits the bytes per second in the mode slow', async () => {
    proxy.setMode('slow', { bytesPerSecond: 10_000 });
    const client = await open();
    const began = performance.now();
    client.socket.write('x'.repeat(2_000));
    await waitFor(() => client.text().length >= 2_000);
    expect(performance.now() - began).to.be.within(190, 1_000);
  });

  it('passes bytes, and delays them in the mode delay', async () => {
    const { socket, text } = await open();
    socket.write('a');
    await sleep(40);
    expect(text()).to.equal('re:a');
    proxy.setMode('delay', { delayMs: 80 });
    socket.write('b');
    await sleep(100);
    expect([received, text()]).to.deep.equal(['ab', 're:a']);
    await sleep(120);
    expect(text()).to.equal('re:are:b');
  });

  it('delivers nothing in the mode black_hole, and keeps both sides open', async () => {
    const { socket, text, gone } = await open();
    proxy.setMode('black_hole');
    socket.write('x'.repeat(200_000));
    await sleep(80);
    expect([received, text(), gone(), socket.writableLength]).to.deep.equal(['', '', false, 0]);
  });

  it('drops one reply in the mode swallow_reply, and passes the next connection', async () => {
    const { socket, text, gone } = await open();
    proxy.connections()[0]?.setMode('swallow_reply');
    socket.write('commit');
    await sleep(60);
    expect([received, text(), gone(), proxy.swallowed()]).to.deep.equal(['commit', '', true, 1]);
    const other = await open();
    other.socket.write('again');
    await sleep(40);
    expect(other.text()).to.equal('re:again');
  });

  it('cuts one connection and keeps the other, and refuses new ones after refuse(true)', async () => {
    const [one, two] = [await open(), await open()];
    proxy.connections()[0]?.cut();
    two.socket.write('b');
    await sleep(40);
    expect([one.gone(), two.gone(), two.text(), proxy.connections().length]).to.deep.equal([true, false, 're:b', 1]);
    proxy.refuse(true);
    expect((await open().catch(() => ({ gone: () => true }))).gone()).to.equal(true);
  });
});
