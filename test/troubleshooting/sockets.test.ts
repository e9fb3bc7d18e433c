import { connectionKeyNames } from '@latchkey/contract';
import type { SocketServeOptions } from '@latchkey/sdk-server';
import { expect } from 'chai';
import { Server } from 'socket.io';
import { io as connect, type Socket } from 'socket.io-client';
import { grant, sessionId } from '../../sdk-server/test/client/scripted-service.ts';
import { idIn, type RawWebSocket, rawPoll, rawUpgrade } from '../../test-kit/client/raw-engine-client.ts';
import { type PlantedBackend, plantBackend } from './planted-backend.ts';

const origins = ['https://app.test'];
const withKey = (key: string) => ({ [connectionKeyNames.header]: key.repeat(22) });

describe('troubleshooting: sockets of a backend', () => {
  let backend: PlantedBackend;
  const opened: RawWebSocket[] = [];
  const clients: Socket[] = [];

  afterEach(async () => {
    for (const { tcp } of opened.splice(0)) tcp.destroy();
    for (const socket of clients.splice(0)) socket.close();
    await backend.end();
  });

  async function serve(options: Partial<SocketServeOptions> = {}) {
    backend = await plantBackend();
    const target = await backend.listen();
    const io = backend.latchkey.socketServe(target.http, { origins, ...options });
    return { ...target, io };
  }
  async function open(port: number, query: string, headers = {}): Promise<number> {
    const webSocket = await rawUpgrade({ port }, query, headers);
    opened.push(webSocket);
    return webSocket.status;
  }

  it('origin_refused: a page of another origin', async () => {
    const { port } = await serve();
    await open(port, 'transport=websocket', { Origin: 'https://ap.test' });
    const { origin } = await backend.logged('origin_refused', 'origins');
    if (origin !== 'https://ap.test') throw new Error(`the line names ${origin}`);
  });

  it('long_polling_refused: a client without WebSocket', async () => {
    const { port } = await serve();
    await rawPoll({ port }, '', withKey('k'));
    await backend.logged('long_polling_refused', 'longPolling');
  });

  it('connection_key_missing: long polling by another client', async () => {
    const { port } = await serve({ longPolling: true });
    await rawPoll({ port }, '');
    await backend.logged('connection_key_missing', 'client');
  });

  it('connection_key_wrong: a request of another connection', async () => {
    const { port } = await serve({ longPolling: true });
    const id = idIn((await rawPoll({ port }, '', withKey('k'))).body);
    await rawPoll({ port }, `sid=${id}`, withKey('l'));
    await backend.logged('connection_key_wrong', 'client');
  });

  it('engine_id_refused: a second WebSocket of a connection', async () => {
    const { port } = await serve();
    const socket = connect(`http://127.0.0.1:${port}`, { transports: ['websocket'], forceNew: true });
    await new Promise<void>((resolve) => void socket.once('connect', resolve));
    await open(port, `transport=websocket&sid=${socket.io.engine.id}`);
    await backend.logged('engine_id_refused', 'client');
    socket.close();
  });

  it('transport_refused: an upgrade to another transport', async () => {
    const { port } = await serve();
    await open(port, 'transport=polling');
    await backend.logged('transport_refused', 'client');
  });

  it('too_many_sockets: many clients behind one address', async () => {
    const { port } = await serve({ limits: { unauthenticatedSocketsPerAddress: 1 } });
    await open(port, 'transport=websocket');
    await open(port, 'transport=websocket');
    await backend.logged('too_many_sockets', 'limits.unauthenticatedSocketsPerAddress');
  });

  /** A socket on which a session is signed in. */
  async function member(port: number): Promise<Socket> {
    backend.service.answers.exchange = () => ({ ok: true, data: grant });
    await backend.latchkey.ready();
    const socket = connect(`http://127.0.0.1:${port}`, { transports: ['websocket'], forceNew: true });
    clients.push(socket);
    const signedIn = new Promise<void>((resolve) => void socket.once('authenticated', () => resolve()));
    socket.emit('authenticate', { token: 'old' });
    await signedIn;
    return socket;
  }

  it('origins_unusable: a check of origins that returns a promise', async () => {
    const { port } = await serve({ origins: (() => Promise.resolve(true)) as never });
    await open(port, 'transport=websocket', { Origin: 'https://app.test' });
    expect((await backend.logged('origins_unusable', 'origins')).returned).to.equal('a promise');
  });

  it('origins_unusable: a check of origins that throws', async () => {
    const { port } = await serve({ origins: (origin) => new URL(origin).protocol === 'https:' });
    await open(port, 'transport=websocket', { Origin: 'x' });
    expect((await backend.logged('origins_unusable', 'origins')).err).to.include({ type: 'TypeError' });
  });

  it('address_unreadable: a function addressOf that throws', async () => {
    const { port } = await serve({ addressOf: ({ headers }) => String(headers['x-forwarded-for']!.at(0)!.trim()) });
    await open(port, 'transport=websocket');
    await backend.logged('address_unreadable', 'addressOf');
  });

  it('engine_id_unknown: long polling of several nodes without sticky sessions', async () => {
    const { port } = await serve({ longPolling: true });
    await rawPoll({ port }, 'sid=ofAnotherNode', withKey('k'));
    await backend.logged('engine_id_unknown', 'sticky sessions');
  });

  it('sockets_limited: a session with many tabs', async () => {
    const { port } = await serve({ limits: { socketsPerSession: 1 } });
    await member(port);
    const second = connect(`http://127.0.0.1:${port}`, { transports: ['websocket'], forceNew: true });
    clients.push(second);
    const claims = Buffer.from(JSON.stringify({ sid: sessionId })).toString('base64url');
    second.emit('authenticate', { token: `a.${claims}.c` });
    await backend.logged('sockets_limited', 'limits.socketsPerSession');
  });

  it('messages_limited: a client that sends in a loop', async () => {
    const { port } = await serve();
    const socket = await member(port);
    for (let at = 0; at < 100; at += 1) socket.emit('position', at);
    expect((await backend.logged('messages_limited', 'limits.messageBurst')).sid).to.equal(sessionId);
  });

  it('messages_limited: a client that sends before it has signed in', async () => {
    const { port } = await serve();
    const socket = connect(`http://127.0.0.1:${port}`, { transports: ['websocket'], forceNew: true });
    clients.push(socket);
    for (let at = 0; at < 100; at += 1) socket.emit('position', at);
    expect(await backend.logged('messages_limited', 'limits.messageBurst')).to.include({ signed_in: false });
  });

  it('refreshes_limited: a client that asks for each call', async () => {
    const { port } = await serve({ limits: { refreshesPerMinute: 1 } });
    const socket = await member(port);
    for (let at = 0; at < 2; at += 1) await socket.timeout(5_000).emitWithAck('refresh', {});
    await backend.logged('refreshes_limited', 'limits.refreshesPerMinute');
  });

  it('calls_limited: calls that take long', async () => {
    const { port, io } = await serve();
    backend.latchkey.apiRouter(io, 'api', { maxConcurrentCalls: 1 }).on('slow', () => new Promise<void>(() => {}));
    const socket = await member(port);
    for (let at = 0; at < 2; at += 1) socket.emit('api', 'slow', {}, () => {});
    await backend.logged('calls_limited', 'maxConcurrentCalls');
  });

  it('calls_unavailable: a call of the app whose database is away', async () => {
    const { port, io } = await serve();
    const away = () => Promise.reject(Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }));
    backend.latchkey.apiRouter(io, 'api').on('read', away);
    const socket = await member(port);
    for (let at = 0; at < 3; at += 1) await socket.timeout(5_000).emitWithAck('api', 'read', {});
    const { count, err } = await backend.logged('calls_unavailable', 'url');
    if (count !== 1) throw new Error(`the line has ${count} calls`);
    if ((err as { code: string }).code !== 'ECONNREFUSED') throw new Error('the line does not say why');
  });

  it('message_too_large: a file in a message', async () => {
    const { port } = await serve();
    const socket = await member(port);
    socket.emit('upload', 'x'.repeat(70_000));
    await backend.logged('message_too_large', 'maxHttpBufferSize');
  });

  it('backlog_cut: a client that does not read', async () => {
    const { port, io } = await serve({ limits: { backlogBytes: 1 } });
    const socket = await member(port);
    const { ws } = socket.io.engine.transport as unknown as { ws: { _socket: { pause(): void } } };
    ws._socket.pause();
    for (let at = 0; at < 2_000; at += 1) io.emit('news', 'x'.repeat(10_000));
    await backend.logged('backlog_cut', 'limits.backlogBytes');
  });

  it('event_unhandled: an api of another name', async () => {
    const { port, io } = await serve();
    backend.latchkey.apiRouter(io, 'api').on('balance', () => 7);
    const socket = await member(port);
    const { ok, error } = await socket.timeout(5_000).emitWithAck('bank', 'balance', {});
    expect([ok, error.code]).to.deep.equal([false, 'unknown_call']);
    expect((await backend.logged('event_unhandled', 'apiRouter')).event).to.equal('bank');
  });

  it('an event that a middleware of the app takes is none of its causes', async () => {
    const { port, io } = await serve();
    io.on('connection', (socket) => {
      socket.use(([event, ack], next) => (event === 'bank' ? ack('taken') : next()));
    });
    const socket = await member(port);
    expect(await socket.timeout(5_000).emitWithAck('bank')).to.equal('taken');
    expect(backend.latchkey.health().causes).to.deep.equal([]);
  });

  it('an api router that is made after a client has connected serves it', async () => {
    const { port, io } = await serve();
    const socket = await member(port);
    backend.latchkey.apiRouter(io, 'api').on('balance', () => 7);
    expect(await socket.timeout(5_000).emitWithAck('api', 'balance', {})).to.deep.equal({ ok: true, data: 7 });
  });

  it('an api router on another Socket.IO server is a TypeError', async () => {
    await serve();
    expect(() => backend.latchkey.apiRouter(new Server(), 'api')).to.throw(
      TypeError,
      'that socketServe of this latchkey',
    );
  });

  /** Asks who is online, as a user of the grant's claims. */
  async function askUsers(users?: SocketServeOptions['users']): Promise<object> {
    const { port } = await serve(users === undefined ? {} : { users });
    const socket = await member(port);
    return socket.timeout(5_000).emitWithAck('users_subscribe', {});
  }

  it('users_not_offered: an app without the option users', async () => {
    expect(await askUsers()).to.deep.nested.include({ ok: false, 'error.code': 'forbidden' });
    await backend.logged('users_not_offered', 'users');
  });

  it('users_refused: claims that mayRead does not allow', async () => {
    const answer = await askUsers({ mayRead: ({ role }) => role === 'manager' });
    expect(answer).to.deep.nested.include({ ok: false, 'error.code': 'forbidden' });
    await backend.logged('users_refused', 'users.mayRead');
  });

  it('users_unusable: a function mayRead that returns a promise', async () => {
    const answer = await askUsers({ mayRead: (() => Promise.resolve(true)) as never });
    expect(answer).to.deep.nested.include({ ok: false, 'error.code': 'forbidden' });
    expect(await backend.logged('users_unusable', 'users')).to.include({ function: 'mayRead', returned: 'promise' });
  });

  it('namespace_refused: a namespace before the sign-in', async () => {
    const { port, io } = await serve();
    io.of('/chat');
    const socket = connect(`http://127.0.0.1:${port}/chat`, { transports: ['websocket'], forceNew: true });
    await backend.logged('namespace_refused', 'namespaces');
    socket.close();
  });
});
