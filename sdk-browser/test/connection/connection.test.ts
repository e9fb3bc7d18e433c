import { EventEmitter } from 'node:events';
import { expect } from 'chai';
import type { ManagerOptions } from 'socket.io-client';
import { createSocketConnection } from '../../src/connection/connection.ts';
import { createFakeTimers } from '../harness/fake-timers.ts';

/** As much of a socket.io-client socket as the link uses; the test says what the network does. */
class FakeSocket extends EventEmitter {
  connected = false;
  connects = 0;
  sendBuffer: unknown[] = [];
  readonly io = { opts: {} };
  sent: unknown[] = [];
  /** What socket.io does when it notices that no ping came: it buffers, although `connected` is true. */
  isPingExpired = false;

  connect(): void {
    this.connects += 1;
  }
  disconnect(): void {
    this.connected = false;
  }
  open(): void {
    this.connected = true;
    this.emit('connect');
  }
  lose(reason = 'transport close'): void {
    this.connected = false;
    this.emit('disconnect', reason);
  }
  send(packet: unknown): void {
    (this.isPingExpired ? this.sendBuffer : this.sent).push(packet);
  }
}

function setUp(random = 0.5) {
  const timers = createFakeTimers();
  const socket = new FakeSocket();
  const calls: string[] = [];
  const unopened: (Error | undefined)[] = [];
  const link = createSocketConnection({
    url: 'http://x',
    timers,
    random: () => random,
    createSocket: () => socket as never,
    onConnected: () => calls.push('connected'),
    onDisconnected: () => calls.push('disconnected'),
    onLost: () => calls.push('lost'),
    onReconnect: () => calls.push('reconnect'),
    onConnectFailed: (error) => unopened.push(error),
  });
  const send = (packet: unknown) => link.send(() => socket.send(packet));
  return { timers, socket, calls, link, send, unopened };
}

describe('createSocketConnection', () => {
  it('connects when it is started, and not before', () => {
    const { socket, link, calls } = setUp();
    expect(socket.connects).to.equal(0);
    link.start();
    socket.open();
    expect(calls.at(-1)).to.equal('connected');
    expect(link.isConnected).to.equal(true);
  });
  it('reconnects with full jitter and exponential back-off up to 10 s', () => {
    const { socket, link, timers } = setUp();
    link.start();
    const waits: number[] = [];
    for (let attempt = 0; attempt < 8; attempt += 1) {
      const before = timers.now();
      const { connects } = socket;
      socket.emit('connect_error', new Error('refused'));
      while (socket.connects === connects) timers.advance(10);
      waits.push(timers.now() - before);
    }
    expect(waits).to.deep.equal([250, 500, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000]);
  });
  for (const reason of ['transport close', 'ping timeout', 'io server disconnect', 'transport error']) {
    it(`reconnects after ${reason}`, () => {
      const { socket, link, timers, calls } = setUp();
      link.start();
      socket.open();
      link.resetBackoff();
      socket.lose(reason);
      expect(calls.slice(-2)).to.deep.equal(['disconnected', 'lost']);
      timers.advance(250);
      expect(socket.connects).to.equal(2);
    });
  }
  it('reports an attempt that failed before it was open, with the error if there is one, and no later loss', () => {
    const { socket, link, timers, unopened } = setUp();
    link.start();
    const error = new Error('refused');
    socket.emit('connect_error', error);
    timers.advance(250);
    timers.advance(10_000);
    expect(unopened).to.deep.equal([error, undefined]);
    timers.advance(500);
    socket.open();
    socket.lose();
    link.stop();
    socket.emit('connect_error', error);
    expect(unopened).to.have.length(2);
  });
  it('starts with long polling at once when it is offered, with a different key for each connection', () => {
    const { socket, link, timers } = setUp();
    link.start();
    socket.emit('connect_error', new Error('refused'));
    expect(socket.io.opts).to.deep.equal({});
    link.enablePolling();
    const keys = () => {
      const { transports, extraHeaders, protocols } = socket.io.opts as Partial<ManagerOptions>;
      const key = extraHeaders?.['Latchkey-Connection-Key'] ?? '';
      expect(transports).to.deep.equal(['polling', 'websocket']);
      expect(protocols).to.deep.equal(['latchkey', `latchkey.key.${key}`]);
      return key;
    };
    const first = keys();
    expect([socket.connects, /^[\w-]{22}$/.test(first)]).to.deep.equal([2, true]);
    socket.emit('connect_error', new Error('refused'));
    timers.advance(500);
    expect(socket.connects).to.equal(3);
    expect(keys()).to.not.equal(first);
  });
  it('ends an attempt that the server does not answer', () => {
    const { socket, link, timers, calls } = setUp();
    link.start();
    timers.advance(9_999);
    expect(calls).to.not.include('lost');
    timers.advance(1);
    expect(calls.at(-1)).to.equal('lost');
    timers.advance(250);
    expect(socket.connects).to.equal(2);
  });
  it('does not reconnect after it was stopped', () => {
    const { socket, link, timers } = setUp();
    link.start();
    socket.open();
    link.stop();
    socket.lose('io client disconnect');
    timers.advance(60_000);
    expect(socket.connects).to.equal(1);
    expect(timers.pending).to.equal(0);
  });
  it('waits for the requested time, also after a request to hurry', () => {
    const { socket, link, timers } = setUp();
    link.start();
    socket.open();
    link.delayReconnect(4_000);
    socket.lose();
    link.retryNow();
    timers.advance(3_999);
    expect(socket.connects).to.equal(1);
    timers.advance(1);
    expect(socket.connects).to.equal(2);
  });
  it('keeps its own delay when the requested one is no number', () => {
    const { socket, link, timers } = setUp();
    link.start();
    socket.open();
    for (const ms of [undefined, null, 'soon', Number.NaN]) link.delayReconnect(ms as number);
    socket.lose();
    timers.advance(249);
    expect(socket.connects).to.equal(1);
    timers.advance(1);
    expect(socket.connects).to.equal(2);
  });
  it('ends a wait on a request to hurry, but not an attempt in progress', () => {
    const { socket, link } = setUp();
    link.start();
    link.retryNow();
    expect(socket.connects).to.equal(1);
    socket.emit('connect_error', new Error('refused'));
    link.retryNow();
    expect(socket.connects).to.equal(2);
  });
  it('opens a new connection in the next task, and with back-off when that fails as well', () => {
    const { socket, link, timers } = setUp();
    link.start();
    socket.open();
    link.reconnect();
    timers.advance(0);
    expect(socket.connects).to.equal(2);
    socket.open();
    link.reconnect();
    timers.advance(0);
    expect(socket.connects).to.equal(2);
    timers.advance(500);
    expect(socket.connects).to.equal(3);
  });
  it('leaves no message in the buffer of Socket.IO', () => {
    const { socket, link, send } = setUp();
    expect(send('early')).to.equal(false);
    link.start();
    socket.open();
    socket.sendBuffer.push('the app’s own');
    expect(send('good')).to.equal(true);
    socket.isPingExpired = true;
    expect(send('stale')).to.equal(false);
    expect(socket.sent).to.deep.equal(['good']);
    expect(socket.sendBuffer).to.deep.equal(['the app’s own']);
  });
});
