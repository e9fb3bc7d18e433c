import { createServer, type Server as HttpServer } from 'node:http';
import type { BackendExchangeRequest, UserSessionChange, UserSessionState } from '@latchkey/contract';
import { expect } from 'chai';
import { io as connect, type Socket } from 'socket.io-client';
import { listen, portOf } from '../../../test-kit/listen.ts';
import { waitFor } from '../../../test-kit/wait-for.ts';
import { createLatchkey, type Latchkey, type UsersOptions } from '../../src/index.ts';
import { grant, type ScriptedService, startScriptedService } from '../client/scripted-service.ts';

const stateOf = (id: string, user_id: string, change: Partial<UserSessionState> = {}): UserSessionState => ({
  ...{ id, user_id },
  tenant_id: 'acme',
  claims: { role: 'teller', name: user_id },
  server_id: 'server-2',
  connections: 1,
  created_at: 1_700_000_000_000,
  updated_at: 1_700_000_060_000,
  ...change,
});
const options: UsersOptions = {
  mayRead: ({ role }) => role === 'teller',
  show: ({ payload }) => ({ name: payload.name }),
};

/** A client, with what it got of the users. */
interface Reader {
  readonly socket: Socket;
  readonly got: unknown[];
  ask(payload?: object): Promise<{
    readonly ok: boolean;
    readonly data?: { readonly users: readonly { user_id: string }[]; readonly next_cursor: string | null };
    readonly error?: { readonly code: string };
  }>;
}

describe('users who are online', function () {
  this.timeout(20_000);
  let service: ScriptedService;
  let latchkey: Latchkey;
  let http: HttpServer;
  let readers: Reader[];
  let role: string;

  beforeEach(async () => {
    service = await startScriptedService();
    service.userSessions = [stateOf('s1', 'ada'), stateOf('s2', 'ben'), stateOf('s9', 'zoe', { tenant_id: 'other' })];
    service.answers.exchange = (payload) => {
      const [sid, user_id, tenant_id] = (payload as BackendExchangeRequest).credential.split(' ') as [
        string,
        string,
        string,
      ];
      return { ok: true, data: { ...grant, sid, user_id, tenant_id, claims: { role } } };
    };
    role = 'teller';
    readers = [];
  });
  afterEach(async () => {
    for (const { socket } of readers) socket.close();
    latchkey.close();
    http.close();
    await service.stop();
  });

  async function serve(users?: UsersOptions): Promise<void> {
    const log = { warn: () => {}, error: () => {} };
    latchkey = createLatchkey({ url: service.url, backendId: 'bank', backendSecret: 'secret', log });
    http = createServer();
    latchkey.socketServe(http, { origins: [], ...(users === undefined ? {} : { users }) });
    await listen(http);
    await latchkey.ready();
    await waitFor(() => latchkey.getUserSessions().length === service.userSessions.length);
  }

  /** A socket that is signed in as the session, the user and the tenant. */
  async function enter(credential = 's1 ada acme'): Promise<Reader> {
    const socket = connect(`http://127.0.0.1:${portOf(http)}`, { transports: ['websocket'] });
    const got: unknown[] = [];
    const reader: Reader = {
      ...{ socket, got },
      ask: (payload = {}) => socket.timeout(5_000).emitWithAck('users_subscribe', payload),
    };
    readers.push(reader);
    socket.on('users_changed', (changes) => got.push(changes));
    socket.on('users_unsubscribed', ({ code }) => got.push(code));
    await authenticate(reader, credential);
    return reader;
  }
  async function authenticate({ socket }: Reader, token: string): Promise<void> {
    const done = new Promise<void>((resolve) => void socket.once('authenticated', () => resolve()));
    socket.emit('authenticate', { token });
    await done;
  }
  const push = (change: UserSessionChange, session: UserSessionState) =>
    service.push('user_session', [{ change, session, server_id: session.server_id }]);
  const counts = () => latchkey.health().causes.map(({ code }) => code);

  it('are listed once each for their own tenant only, with later changes', async () => {
    service.userSessions = [...service.userSessions, stateOf('s3', 'ada', { server_id: 'server-3' })];
    await serve(options);
    const reader = await enter();
    expect(await reader.ask()).to.deep.equal({
      ok: true,
      data: {
        users: [
          { user_id: 'ada', name: 'ada' },
          { user_id: 'ben', name: 'ben' },
        ],
        next_cursor: null,
      },
    });
    push('deletion', stateOf('s3', 'ada', { server_id: 'server-3', connections: 0 }));
    push('creation', stateOf('s8', 'yan', { tenant_id: 'other' }));
    push('creation', stateOf('s4', 'cid'));
    push('deletion', stateOf('s2', 'ben', { connections: 0 }));
    await waitFor(() => reader.got.length > 0);
    push('update', stateOf('s4', 'cid', { claims: { name: 'Cid' } }));
    await waitFor(() => reader.got.length > 1);
    expect(reader.got).to.deep.equal([
      { online: [{ user_id: 'cid', name: 'cid' }], offline: ['ben'] },
      { online: [{ user_id: 'cid', name: 'Cid' }], offline: [] },
    ]);
  });

  it('have only an id without the function show, and no change when a user disconnects and returns', async () => {
    await serve({ mayRead: () => true });
    const reader = await enter();
    expect((await reader.ask()).data!.users).to.deep.equal([{ user_id: 'ada' }, { user_id: 'ben' }]);
    push('deletion', stateOf('s2', 'ben', { connections: 0 }));
    push('creation', stateOf('s2', 'ben', { server_id: 'server-3' }));
    push('creation', stateOf('s4', 'cid'));
    await waitFor(() => reader.got.length > 0);
    expect(reader.got).to.deep.equal([{ online: [{ user_id: 'cid' }], offline: [] }]);
  });

  it('are sent in pages, and changes in messages of the same size', async () => {
    const crowd = Array.from({ length: 1_200 }, (_, at) => stateOf(`c${at}`, `user-${at}`));
    service.userSessions = crowd;
    await serve({ mayRead: () => true });
    const reader = await enter('s1 ada acme');
    const pages = [];
    for (let cursor: string | null | undefined; cursor !== null; cursor = pages.at(-1)!.next_cursor)
      pages.push((await reader.ask(cursor === undefined ? {} : { cursor })).data!);
    expect(pages.map(({ users }) => users.length)).to.deep.equal([500, 500, 200]);
    expect(new Set(pages.flatMap(({ users }) => users.map(({ user_id }) => user_id))).size).to.equal(1_200);
    expect((await reader.ask({ cursor: 'x' })).error!.code).to.equal('invalid_request');
    expect((await reader.ask({ cursor: 7 })).error!.code).to.equal('invalid_request');

    service.push(
      'user_session',
      crowd.map((session) => ({ change: 'deletion', session, server_id: session.server_id })),
    );
    const offline = () => reader.got.map((changes) => (changes as { offline: string[] }).offline.length);
    await waitFor(() => offline().reduce((sum, count) => sum + count, 0) === 1_200);
    expect(Math.max(...offline())).to.be.at.most(500);
  });

  it('are refused without the option, and when mayRead refuses', async () => {
    await serve();
    expect((await (await enter()).ask()).error!.code).to.equal('forbidden');
    expect(counts()).to.deep.equal(['users_not_offered']);
  });

  it('are refused by mayRead with the claims of the service', async () => {
    await serve(options);
    role = 'guest';
    expect((await (await enter()).ask()).error!.code).to.equal('forbidden');
    role = 'teller';
    const reader = await enter('s2 ben acme');
    push('update', stateOf('s2', 'ben', { claims: { role: 'guest' } }));
    await waitFor(() => latchkey.getUserSessions().some(({ payload }) => payload.role === 'guest'));
    expect((await reader.ask()).error!.code).to.equal('forbidden');
    expect(counts()).to.deep.equal(['users_refused']);
  });

  it('end only for a session that loses the permission, by its claims or at its next authenticate', async () => {
    await serve(options);
    const [ada, ben] = [await enter(), await enter('s2 ben acme')];
    for (const reader of [ada, ben]) expect((await reader.ask()).ok).to.equal(true);
    push('update', stateOf('s1', 'ada', { claims: { role: 'guest', name: 'ada' } }));
    await waitFor(() => ada.got.length > 0);
    expect([ada.got, ben.got]).to.deep.equal([['forbidden'], []]);

    push('creation', stateOf('s4', 'cid'));
    await waitFor(() => ben.got.length > 0);
    role = 'guest';
    await authenticate(ben, 's2 ben acme');
    await waitFor(() => ben.got.length > 1);
    expect(ben.got.at(-1)).to.equal('forbidden');
    expect(ada.got).to.deep.equal(['forbidden']);
  });

  it('end when the client unsubscribes', async () => {
    await serve(options);
    const [ada, ben] = [await enter(), await enter('s2 ben acme')];
    for (const reader of [ada, ben]) await reader.ask();
    ada.socket.emit('users_unsubscribe');
    await ada.socket.timeout(5_000).emitWithAck('refresh', {});
    push('creation', stateOf('s4', 'cid'));
    await waitFor(() => ben.got.length > 0);
    await ada.socket.timeout(5_000).emitWithAck('refresh', {});
    expect(ada.got).to.deep.equal([]);
  });

  it('are refused, or shown without details, when a function of the app throws', async () => {
    await serve({
      mayRead: ({ role: held }) => {
        if (held === 'guest') throw new Error('no guests');
        return true;
      },
      show: ({ userId }) => (userId === 'ada' ? { name: 'x'.repeat(2_000) } : { name: userId, user_id: 'other' }),
    });
    expect((await (await enter()).ask()).data!.users).to.deep.equal([
      { user_id: 'ada' },
      { user_id: 'ben', name: 'ben' },
    ]);
    role = 'guest';
    expect((await (await enter('s2 ben acme')).ask()).error!.code).to.equal('forbidden');
    expect(counts()).to.have.members(['users_unusable', 'users_refused']);
  });

  it('have options that are checked at the start', async () => {
    await serve();
    const wrong: [object, string][] = [
      [{ mayRead: () => true, shows: () => ({}) }, 'users: shows is not an option; did you mean show?'],
      [{}, 'users: mayRead is missing'],
      [{ mayRead: async () => true }, 'users: mayRead must not be an async function'],
    ];
    for (const [users, sentence] of wrong) {
      const other = createLatchkey({ url: service.url, backendId: 'bank', backendSecret: 'secret' });
      try {
        expect(() => other.socketServe(createServer(), { origins: [], users: users as never })).to.throw(
          TypeError,
          sentence,
        );
      } finally {
        other.close();
      }
    }
  });
});
