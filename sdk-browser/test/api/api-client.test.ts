import { Failure } from '@latchkey/contract';
import { expect } from 'chai';
import type { Socket } from 'socket.io';
import { codeOf } from '../../../test-kit/codes.ts';
import { waitFor } from '../../../test-kit/wait-for.ts';
import { type ApiClient, getApi } from '../../src/api/index.ts';
import { createSession, type Session, type TokenStorage } from '../../src/index.ts';
import { createTimers } from '../../src/platform/timers.ts';
import { createMemoryStorage } from '../../src/tokens/storage-adapter.ts';
import { type Service, startService } from '../harness/service.ts';

const ada = { email: 'ada@example.com', password: 'correct horse' };

/** One call as it arrived; `answer` is its acknowledgement. */
interface Arrived {
  readonly socket: Socket;
  readonly name: unknown;
  readonly params: unknown;
  readonly options: unknown;
  answer(answer: unknown): void;
}

function caught(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => {
      throw new Error('it was to reject');
    },
    (error: unknown) => error,
  );
}

describe('getApi', () => {
  let service: Service;
  let storage: TokenStorage;
  let session: Session;
  /** Another tab, where a test opens one. */
  let other: Session | undefined;
  let api: ApiClient;
  let arrived: Arrived[];
  /** What is answered at once; nothing: the test does it. */
  let reply: ((call: Arrived) => unknown) | undefined;

  const good = (data: unknown) => ({ ok: true, data });
  const bad = (code: string, more: object = {}) => ({
    ok: false,
    error: { code, message: 'No.', retryable: false, ...more },
  });
  const arrival = (count: number) => waitFor(() => arrived.length >= count);
  const cut = () => {
    for (const socket of service.io.sockets.sockets.values()) socket.conn.close();
  };
  const offline = async () => {
    cut();
    await waitFor(() => session.state.status === 'offline');
  };

  function take(socket: Socket, [name, params, ...rest]: unknown[]): void {
    const ack = rest.at(-1) as (answer: unknown) => void;
    const call: Arrived = { socket, name, params, options: rest.length > 1 ? rest[0] : undefined, answer: ack };
    arrived.push(call);
    if (reply !== undefined) ack(reply(call));
  }

  beforeEach(async () => {
    arrived = [];
    reply = undefined;
    service = await startService();
    service.io.on('connection', (socket) => socket.on('api', (...args) => take(socket, args)));
    storage = createMemoryStorage();
    session = createSession({ url: service.url, storage, random: () => 0.1 });
    api = getApi(session, 'api');
    await session.login(ada);
  });
  afterEach(async () => {
    session.close();
    other?.close();
    other = undefined;
    await service.stop();
  });

  it('sends name and params, and resolves with the answer', async () => {
    reply = () => good([1, 2]);
    expect(await api.call('list', { page: 1 })).to.deep.equal([1, 2]);
    await api.call('pay', { to: 'x' }, { idempotencyKey: 'k1' });
    await api.call('now');
    expect(arrived.map(({ name, params, options }) => [name, params, options])).to.deep.equal([
      ['list', { page: 1 }, undefined],
      ['pay', { to: 'x' }, { idempotency_key: 'k1' }],
      ['now', null, undefined],
    ]);
  });

  it('rejects with the failure of the server', async () => {
    const details = [{ path: 'page', message: 'Expected number' }];
    reply = () => bad('rate_limited', { details, retry_after_ms: 700, request_id: 'r1' });
    const error = await caught(api.call('list'));
    expect(error).to.be.instanceOf(Failure);
    expect(error).to.include({ code: 'rate_limited', message: 'No.', retryable: true, retryAfterMs: 700 });
    expect(error).to.deep.include({ details, detail: 'request_id r1' });
  });

  it('rejects with internal_error for an unknown answer and an error without a code', async () => {
    for (const answer of [bad('Teapot'), bad('toString'), {}, null, 7, 'ok', { ok: 'yes' }]) {
      reply = () => answer;
      expect(await codeOf(api.call('list'))).to.equal('internal_error');
    }
  });

  it('rejects while signed out and while the session reconnects', async () => {
    await offline();
    const error = await caught(api.call('pay', {}, { idempotencyKey: 'k1' }));
    expect(error).to.include({ code: 'unavailable', retryable: true });
    await session.connect();
    await waitFor(() => session.state.status === 'active');
    await session.logout();
    expect(await codeOf(api.call('list'))).to.equal('unauthenticated');
    expect(await codeOf(api.call('list', {}, { queue: true }))).to.equal('unauthenticated');
    expect(arrived).to.deep.equal([]);
  });

  it('rejects at the deadline, and ignores a late answer', async () => {
    const error = await caught(api.call('list', {}, { timeoutMs: 30 }));
    expect(error).to.include({
      code: 'unavailable',
      retryable: true,
      message: 'The server did not answer before the deadline.',
    });
    arrived[0]!.answer(good(1));
    reply = () => good(2);
    expect(await api.call('list')).to.equal(2);
  });

  it('includes the wait for a connection in the deadline', async () => {
    await offline();
    await service.stop();
    expect(await codeOf(api.call('list', {}, { timeoutMs: 30, queue: true }))).to.equal('unavailable');
  });

  it('rejects an invalid timeoutMs', async () => {
    for (const timeoutMs of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(await caught(api.call('list', {}, { timeoutMs }))).to.be.instanceOf(TypeError);
    }
    expect(await caught(api.call('list', {}, { timeout: 30 } as never))).to.be.instanceOf(TypeError);
    expect(await caught(api.call('list', {}, { queue: 'no' } as never))).to.be.instanceOf(TypeError);
    expect(arrived).to.deep.equal([]);
  });

  it('rejects with the reason of its signal', async () => {
    const before = await caught(api.call('list', {}, { signal: AbortSignal.abort() }));
    expect(before).to.have.property('name', 'AbortError');
    expect(arrived).to.deep.equal([]);
    const abort = new AbortController();
    const during = api.call('list', {}, { signal: abort.signal, idempotencyKey: 'k1' });
    await arrival(1);
    abort.abort();
    expect(await caught(during)).to.have.property('name', 'AbortError');
    await offline();
    await waitFor(() => session.state.status === 'active');
    reply = () => good(1);
    expect(await api.call('later')).to.equal(1);
    expect(arrived.map(({ name }) => name)).to.deep.equal(['list', 'later']);
  });

  it('rejects a call without a key when its answer is lost, and never repeats it', async () => {
    const lost = api.call('pay', {}, { queue: true });
    await arrival(1);
    cut();
    expect(await codeOf(lost)).to.equal('unavailable');
    await waitFor(() => session.state.status === 'active');
    reply = () => good(1);
    await api.call('later');
    expect(arrived.map(({ name }) => name)).to.deep.equal(['pay', 'later']);
  });

  it('repeats a call with a key when its answer is lost, with the same key and params', async () => {
    const paying = api.call('pay', { to: 'x' }, { idempotencyKey: 'k1' });
    await arrival(1);
    cut();
    await arrival(2);
    cut();
    await arrival(3);
    arrived[2]!.answer(good('paid'));
    expect(await paying).to.equal('paid');
    const seen = arrived.map(({ name, params, options }) => ({ name, params, options }));
    expect(new Set(seen.map((one) => JSON.stringify(one))).size).to.equal(1);
    expect(new Set(arrived.map(({ socket }) => socket.id)).size).to.equal(3);
  });

  it('repeats a call with a key on the next connection only when the server drains', async () => {
    reply = () => bad('server_draining', { retryable: true });
    expect(await codeOf(api.call('pay'))).to.equal('server_draining');
    const paying = api.call('pay', {}, { idempotencyKey: 'k1' });
    await arrival(2);
    expect(await codeOf(api.call('list'))).to.equal('server_draining');
    reply = () => good('paid');
    expect(await api.call('other')).to.equal('paid');
    expect(arrived).to.have.length(4);
    cut();
    expect(await paying).to.equal('paid');
    expect(arrived).to.have.length(5);
    expect(arrived[4]!.options).to.deep.equal({ idempotency_key: 'k1' });
  });

  it('repeats a call with a key after retry_after_ms, and delays other calls of its name until then', async () => {
    const limited = bad('rate_limited', { retryable: true, retry_after_ms: 150 });
    let isOver = true;
    reply = ({ options }) => (isOver && options !== undefined ? limited : good('paid'));
    const began = performance.now();
    const paying = Array.from({ length: 40 }, (_, index) => api.call('pay', {}, { idempotencyKey: `k${index}` }));
    await arrival(32);
    expect(await codeOf(api.call('refused', {}, { idempotencyKey: 'r', timeoutMs: 120 }))).to.equal('rate_limited');
    expect(await api.call('pay')).to.equal('paid');
    expect(arrived).to.have.length(34);
    isOver = false;
    expect(new Set(await Promise.all(paying))).to.deep.equal(new Set(['paid']));
    expect(performance.now() - began).to.be.greaterThan(145);
    expect(arrived).to.have.length(34 + 40);
  });

  it('retries a call that is running or was delayed, and rejects one without retryAfterMs', async () => {
    const refusals = [bad('busy', { retry_after_ms: 1 }), bad('unavailable', { retry_after_ms: 1 })];
    reply = () => refusals.shift() ?? good('paid');
    expect(await api.call('pay', {}, { idempotencyKey: 'k1' })).to.equal('paid');
    expect(arrived).to.have.length(3);
    for (const refusal of [bad('busy'), bad('forbidden', { retry_after_ms: 1 })]) {
      reply = () => refusal;
      expect(await codeOf(api.call('pay', {}, { idempotencyKey: 'k2' }))).to.equal(refusal.error.code);
    }
    expect(arrived).to.have.length(5);
  });

  it('sends queued calls in order once the connection is authenticated', async () => {
    reply = ({ socket, name }) => good([name, socket.data.sid === session.sessionId]);
    await offline();
    const waiting = ['a', 'b', 'c'].map((name) => api.call(name, {}, { queue: true }));
    expect(await Promise.all(waiting)).to.deep.equal([
      ['a', true],
      ['b', true],
      ['c', true],
    ]);
    expect(arrived.map(({ name }) => name)).to.deep.equal(['a', 'b', 'c']);
  });

  it('queues a call when the connection turns out to be closed during the send', async () => {
    reply = () => good('late');
    // The machine slept: the library finds the server's pings missing.
    Object.assign(session.socket.io.engine, { _hasPingExpired: () => true });
    expect(await api.call('list', {}, { queue: true })).to.equal('late');
    expect(arrived).to.have.length(1);
  });
  it('queues a call while a stored session is resumed', async () => {
    session.close();
    session = createSession({ url: service.url, storage, random: () => 0.1 });
    reply = () => good(1);
    const connecting = session.connect();
    expect(await getApi(session, 'api').call('list', {}, { queue: true })).to.equal(1);
    await connecting;
  });

  it('rejects queued calls when the session ends', async () => {
    await offline();
    const waiting = api.call('list', {}, { queue: true });
    service.end(session.sessionId!, 'ended_by_operator');
    expect(await codeOf(waiting)).to.equal('unauthenticated');
    expect(session.state.status).to.equal('signed_out');
  });

  it('never sends a call in the session of another user', async () => {
    const paying = api.call('pay', {}, { idempotencyKey: 'k1' });
    await arrival(1);
    const tab = createSession({ url: service.url, storage, random: () => 0.1 });
    other = tab;
    await tab.login(ada);
    expect(await codeOf(paying)).to.equal('unauthenticated');
    await waitFor(() => session.sessionId === tab.sessionId && session.state.status === 'active');
    reply = () => good(1);
    await api.call('later');
    expect(arrived.map(({ name }) => name)).to.deep.equal(['pay', 'later']);
  });

  it('rejects queued calls when the session is in error', async () => {
    service.faults.push({ refuse: 'invalid_request' });
    await offline();
    const waiting = api.call('list', {}, { queue: true });
    expect(await codeOf(waiting)).to.equal('unavailable');
    expect(session.state.status).to.equal('error');
  });

  it('has at most 32 calls in flight, and sends the others after an answer', async () => {
    const calls = Array.from({ length: 40 }, (_, index) => api.call(`c${index}`, {}, { timeoutMs: 5_000 }));
    await arrival(32);
    await session.refresh();
    expect(arrived).to.have.length(32);
    arrived[7]!.answer(good(7));
    await arrival(33);
    await session.refresh();
    expect(arrived).to.have.length(33);
    reply = ({ name }) => good(name);
    for (const { answer, name } of arrived.filter((_, index) => index !== 7)) answer(good(name));
    const answers = await Promise.all(calls);
    expect(answers[39]).to.equal('c39');
    expect(arrived).to.have.length(40);
  });

  it('rejects calls that were not sent when the connection is lost', async () => {
    const codes = Array.from({ length: 34 }, (_, index) => codeOf(api.call(`c${index}`)));
    await arrival(32);
    cut();
    expect(new Set(await Promise.all(codes))).to.deep.equal(new Set(['unavailable']));
    await waitFor(() => session.state.status === 'active');
    await session.refresh();
    expect(arrived).to.have.length(32);
  });

  it('rejects params that cannot be serialized, and keeps all 32 places', async () => {
    for (let count = 0; count < 40; count += 1) {
      expect(await caught(api.call('list', { amount: 1n }))).to.be.instanceOf(TypeError);
    }
    reply = () => good(1);
    expect(await api.call('list')).to.equal(1);
  });

  it('rejects params above the limit of the server with payload_too_large, and sends nothing', async () => {
    reply = () => good(1);
    const connection = session.socket.id;
    for (const params of ['x'.repeat(1_000_000), 'é'.repeat(500_000), { file: new Uint8Array(1_000_001) }]) {
      const error = await caught(api.call('save', params, { idempotencyKey: 'k1' }));
      expect(error).to.include({ code: 'payload_too_large', retryable: false });
      expect(error).to.have.property('message').that.includes('The limit of the server is 1000000');
    }
    expect(arrived).to.deep.equal([]);
    expect(await api.call('save', { file: new Uint8Array(900_000) })).to.equal(1);
    expect(session.socket.id).to.equal(connection);
  });

  it('rejects the largest call when the connection is closed because of a message size, and repeats the others', async () => {
    const calls = [10, 20_000, 30_000].map((length, index) =>
      api.call('save', 'x'.repeat(length), { idempotencyKey: `k${index}` }).catch(({ code }) => code),
    );
    await arrival(3);
    reply = ({ params }) => good(String(params).length);
    for (const { conn } of service.io.sockets.sockets.values()) {
      (conn.transport as unknown as { socket: { close(code: number): void } }).socket.close(1009);
    }
    expect(await Promise.all(calls)).to.deep.equal([10, 20_000, 'payload_too_large']);
    expect(arrived).to.have.length(5);
  });

  it('rejects a call after its deadline when the machine slept meanwhile, sent or not', async () => {
    const { now, after } = createTimers();
    let sleptMs = 0;
    session.close();
    session = createSession({
      url: service.url,
      storage,
      random: () => 0.1,
      timers: { now: () => now() + sleptMs, after },
    });
    api = getApi(session, 'api');
    await session.connect();
    const sent = caught(api.call('sent', {}, { idempotencyKey: 'k1', timeoutMs: 60_000 }));
    await arrival(1);
    await offline();
    const waiting = caught(api.call('waiting', {}, { queue: true, timeoutMs: 60_000 }));
    sleptMs = 3_600_000;
    for (const error of await Promise.all([sent, waiting])) {
      expect(error).to.include({ code: 'unavailable', message: 'The server did not answer before the deadline.' });
    }
    await waitFor(() => session.state.status === 'active');
    reply = () => good(1);
    await api.call('later');
    expect(arrived.map(({ name }) => name)).to.deep.equal(['sent', 'later']);
  });

  it('rejects calls when the session is closed', async () => {
    const codes = [api.call('a'), api.call('b', {}, { idempotencyKey: 'k1' })].map(codeOf);
    await arrival(2);
    session.close();
    expect(await Promise.all(codes)).to.deep.equal(['unavailable', 'unavailable']);
    expect(await codeOf(api.call('c', {}, { queue: true }))).to.equal('unavailable');
  });

  it('calls a listener with events of the server, across connections, until it is removed', async () => {
    const received: unknown[] = [];
    const receive = (payload: unknown) => void received.push(payload);
    const [first, second] = [api.on('balance', receive), api.on('balance', receive)];
    service.io.emit('balance', 1);
    await waitFor(() => received.length === 2);
    first();
    first();
    await offline();
    await waitFor(() => session.state.status === 'active');
    service.io.emit('balance', 2);
    await waitFor(() => received.length === 3);
    second();
    service.io.emit('balance', 3);
    await session.refresh();
    expect(received).to.deep.equal([1, 1, 2]);
  });

  it('calls the other listeners when one throws, and reports the error', async () => {
    const reported: unknown[] = [];
    Object.assign(globalThis, { reportError: (error: unknown) => reported.push(error) });
    try {
      const mistake = new Error('of the page');
      const received: unknown[] = [];
      api.on('balance', () => {
        throw mistake;
      });
      api.on('balance', (payload) => received.push(payload));
      service.io.emit('balance', 1);
      await waitFor(() => received.length > 0);
      expect([received, reported]).to.deep.equal([[1], [mistake]]);
    } finally {
      Reflect.deleteProperty(globalThis, 'reportError');
    }
  });
  it('returns the same object each time, and throws for names of the protocol', () => {
    expect(getApi(session, 'api')).to.equal(api);
    expect(getApi(session, 'other')).to.not.equal(api);
    for (const name of ['', undefined as never, 'logout', 'authenticate', 'refresh'])
      expect(() => getApi(session, name)).to.throw(TypeError);
  });
});
