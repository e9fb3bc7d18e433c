import { expect } from 'chai';
import type { Server, Socket as ServerSocket } from 'socket.io';
import type { Socket } from 'socket.io-client';
import { waitFor } from '../../../test-kit/wait-for.ts';
import { tenantRoom, userRoom } from '../../src/index.ts';
import { grantOf } from './scripted-authority.ts';
import { type Client, createStage, type Stage } from './stage.ts';

/** A socket of a namespace over the client's own connection, and what it saw. */
function join({ socket }: Client, name: string): { socket: Socket; seen: unknown[] } {
  const seen: unknown[] = [];
  const other = socket.io.socket(name);
  other.onAny((...event) => seen.push(event));
  other.on('connect', () => seen.push('connect'));
  other.on('connect_error', (error) => seen.push((error as unknown as { data: { code: string } }).data.code));
  return { socket: other, seen };
}

const chatOf = (io: Server): { served: ServerSocket[] } => {
  const served: ServerSocket[] = [];
  io.of('/chat').on('connection', (socket) => {
    served.push(socket);
    socket.on('history', (answer) => answer(['the secret message']));
  });
  return { served };
};

/** Sockets whose middleware has not let them in yet; Socket.IO's types hide them. */
const waitingIn = (io: Server, name: string): number =>
  (io.of(name) as unknown as { _preConnectSockets: Map<string, unknown> })._preConnectSockets.size;

describe('namespaces of the application', () => {
  let stage: Stage;
  let chat: { served: ServerSocket[] };

  beforeEach(async () => {
    stage = await createStage({ namespaces: { '/status': 'public', '/machines': 'own_authentication' } });
    chat = chatOf(stage.io);
  });
  afterEach(() => stage.end());

  it('serve a signed-in connection with its identity and its Socket.IO rooms', async () => {
    const member = await stage.member('s1');
    const { socket, seen } = join(member, '/chat');
    await waitFor(() => seen.includes('connect'));
    expect(await socket.emitWithAck('history')).to.deep.equal(['the secret message']);
    expect(chat.served[0]!.data).to.deep.equal({
      ...{ sid: 's1', userId: 'user-1', tenantId: 'tenant-1' },
      scope: '',
    });
    expect([...chat.served[0]!.rooms]).to.include.members(['session:s1', 'user:user-1', 'tenant:tenant-1']);
  });

  it('give a socket the scope of the newest access token of its connection', async () => {
    const member = await stage.member('s1');
    stage.authority.script.refresh = async () => ({ ...grantOf('s1'), scope: 'read write' });
    await member.ask('refresh', {});
    const { seen } = join(member, '/chat');
    await waitFor(() => seen.includes('connect'));
    expect(chat.served[0]!.data).to.have.property('scope', 'read write');
    stage.authority.script.refresh = async () => ({ ...grantOf('s1'), scope: 'read' });
    await member.ask('refresh', {});
    expect(chat.served[0]!.data).to.have.property('scope', 'read');
  });

  it('admit a socket that joined before sign-in once its connection has signed in', async () => {
    const client = await stage.client();
    const { seen } = join(client, '/chat');
    await stage.settle();
    expect([seen, chat.served]).to.deep.equal([[], []]);
    client.emit('authenticate', { token: 'sid:s1' });
    await waitFor(() => seen.includes('connect'));
    expect(chat.served[0]!.data).to.have.property('sid', 's1');
  });

  it('have no timer for waiting sockets once the protocol is closed', async () => {
    const client = await stage.client({ namespace: '/machines' });
    const { seen } = join(client, '/chat');
    await waitFor(() => waitingIn(stage.io, '/chat') === 1);
    expect(stage.clock.timers()).to.be.at.least(1);
    stage.protocol.close();
    expect([stage.clock.timers(), seen]).to.deep.equal([0, []]);
  });

  it('refuse a connection that does not sign in, and name the option in the log', async () => {
    const waiting = stage.client({ namespace: '/chat' });
    await waitFor(() => waitingIn(stage.io, '/chat') === 1);
    stage.clock.advance(4_100);
    const client = await waiting;
    expect(client.seen.map(({ event }) => event)).to.deep.equal(['connect_error']);
    expect(JSON.stringify(stage.logged)).to.include('set namespaces: { \\"/name\\": \\"public\\" }');
    expect(chat.served).to.deep.equal([]);
  });

  it('refuse waiting sockets when the sign-in failed, and forget them', async () => {
    const client = await stage.client();
    join(client, '/chat');
    client.emit('authenticate', { nothing: 1 });
    await client.take('disconnect');
    await stage.settle();
    expect(chat.served).to.deep.equal([]);
    expect(waitingIn(stage.io, '/chat')).to.equal(0);
  });

  it('refuse unauthenticated sockets also when they match a dynamic namespace', async () => {
    stage.io.of(/^\/room-\d+$/).on('connection', (socket) => chat.served.push(socket));
    const member = await stage.member('s1');
    const guest = await stage.client();
    const served = join(member, '/room-1');
    const refused = join(guest, '/room-1');
    await waitFor(() => served.seen.includes('connect'));
    expect([refused.seen, chat.served.length]).to.deep.equal([[], 1]);
  });

  it('close the sockets of a session that ended', async () => {
    const member = await stage.member('s1');
    const { socket, seen } = join(member, '/chat');
    await waitFor(() => seen.includes('connect'));
    stage.authority.announce('s1', 'ended_by_operator');
    await waitFor(() => !socket.connected);
    expect(stage.io.of('/chat').sockets.size).to.equal(0);
  });

  it('answer unavailable while the row of the session cannot be read', async () => {
    const member = await stage.member('s1');
    const { socket, seen } = join(member, '/chat');
    await waitFor(() => seen.includes('connect'));
    stage.authority.script.inspect = () => Promise.reject(new Error('away'));
    stage.clock.advance(3_600_000);
    expect(await socket.emitWithAck('history')).to.have.nested.property('error.code', 'unavailable');
  });

  it('share the message limit of the connection', async () => {
    const member = await stage.member('s1');
    const { socket, seen } = join(member, '/chat');
    await waitFor(() => seen.includes('connect'));
    const answers = await Promise.all(Array.from({ length: 70 }, () => socket.emitWithAck('history')));
    expect(answers.filter((answer) => answer.error?.code === 'rate_limited')).not.to.deep.equal([]);
  });

  it('that are public, or have authentication of their own, serve the clients that they admit', async () => {
    stage.io.of('/status').on('connection', (socket) => socket.on('ask', (answer) => answer('up')));
    stage.io.of('/machines').use(({ handshake: { auth } }, next) => {
      next(auth.secret === 'right' ? undefined : new Error('no'));
    });
    expect(await (await stage.client({ namespace: '/status' })).ask('ask')).to.equal('up');
    const machine = await stage.client({ namespace: '/machines', auth: { secret: 'right' } });
    const refused = await stage.client({ namespace: '/machines', auth: { secret: 'wrong' } });
    expect([machine.socket.connected, refused.socket.connected]).to.deep.equal([true, false]);
  });

  it('throw at the mount for a name without a slash, for "/", and for an unknown policy', async () => {
    const made = (namespaces: object) => createStage({ namespaces: namespaces as never }).then(() => 'made', String);
    expect(await made({ status: 'public' })).to.include('"status" has to be a name such as "/status"');
    expect(await made({ '/': 'public' })).to.include('not "/"');
    expect(await made({ '/status': 'open' })).to.include("has to be 'signed_in', 'public' or 'own_authentication'");
  });
});

describe('broadcasts', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await createStage();
  });
  afterEach(() => stage.end());

  it('reach signed-in sockets only, whatever Socket.IO rooms the app has put the others into', async () => {
    stage.io.on('connection', (socket) => socket.join('lobby'));
    const member = await stage.member('s1');
    const guest = await stage.client();
    stage.io.emit('news', 1);
    stage.io.to('lobby').emit('news', 2);
    stage.io.except('nowhere').emit('news', 3);
    stage.io.to(guest.socket.id!).emit('news', 4);
    stage.sideOf(member).broadcast.emit('news', 5);
    await stage.settle();
    expect(member.seen.filter(({ event }) => event === 'news').map(({ payload }) => payload)).to.deep.equal([1, 2, 3]);
    expect(guest.has('news')).to.equal(false);
    guest.emit('authenticate', { token: 'sid:s2' });
    await guest.take('authenticated');
    stage.io.to('lobby').emit('news', 6);
    stage.io.to(guest.socket.id!).emit('news', 7);
    await stage.settle();
    expect(guest.seen.filter(({ event }) => event === 'news').map(({ payload }) => payload)).to.deep.equal([6, 7]);
  });

  it('do not reach a socket that left a Socket.IO room before sign-in', async () => {
    stage.io.on('connection', (socket) => {
      socket.join(['lobby', 'hall']);
      socket.leave('lobby');
    });
    const client = await stage.member('s1');
    stage.io.to('lobby').emit('news', 1);
    stage.io.to('hall').emit('news', 2);
    stage.sideOf(client).leave('hall');
    stage.io.to('hall').emit('news', 3);
    await stage.settle();
    expect(client.seen.filter(({ event }) => event === 'news').map(({ payload }) => payload)).to.deep.equal([2]);
  });

  it('to the Socket.IO rooms of a user and of a tenant reach only their sockets, in each namespace', async () => {
    chatOf(stage.io);
    stage.authority.script.exchange = ({ credential }) => {
      const sid = credential.slice(-2);
      return grantOf(sid, { userId: `user of ${sid}`, tenantId: `tenant of ${sid}` });
    };
    const one = await stage.member('s1');
    const other = await stage.member('s2');
    const chats = [join(one, '/chat'), join(other, '/chat')] as const;
    await waitFor(() => chats.every(({ seen }) => seen.includes('connect')));
    const { userId, tenantId } = stage.sideOf(one).data;
    stage.io.to(userRoom(userId)).emit('to user', 1);
    stage.io.to(tenantRoom(tenantId)).emit('to tenant', 1);
    stage.io.of('/chat').to(userRoom(userId)).emit('to user', 2);
    stage.io.of('/chat').to(tenantRoom(tenantId)).emit('to tenant', 2);
    await stage.settle();
    expect(one.has('to user') && one.has('to tenant')).to.equal(true);
    expect(chats[0].seen).to.deep.include(['to user', 2]).and.deep.include(['to tenant', 2]);
    expect([other.has('to user'), other.has('to tenant'), chats[1].seen]).to.deep.equal([false, false, ['connect']]);
  });
});
