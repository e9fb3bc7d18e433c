import { expect } from 'chai';
import { codeOf } from '../../../test-kit/codes.ts';
import { waitFor } from '../../../test-kit/wait-for.ts';
import { createSession, type Session, type SessionOptions, type TokenStorage } from '../../src/index.ts';
import { signInWithRedirect } from '../../src/redirect/index.ts';
import { getInternals } from '../../src/session/internals.ts';
import { createMemoryStorage } from '../../src/tokens/storage-adapter.ts';
import { type Service, startService } from '../harness/service.ts';
import { claimsOf, tokenOf } from '../harness/verdicts.ts';

const ada = { email: 'ada@example.com', password: 'correct horse' };

function nameIn(storage: TokenStorage, end: string): string | undefined {
  const names = Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? '');
  return names.find((name) => name.includes(end));
}

function jarToken(storage: TokenStorage): string | undefined {
  const name = nameIn(storage, ':token');
  return name === undefined ? undefined : (storage.getItem(name) ?? undefined);
}

describe('createSession', () => {
  let service: Service;
  let storage: TokenStorage;
  let sessions: Session[] = [];

  function open(options: Partial<SessionOptions> = {}): Session {
    const session = createSession({ url: service.url, storage, random: () => 0.1, ...options });
    sessions.push(session);
    return session;
  }
  async function signedIn(options: Partial<SessionOptions> = {}): Promise<Session> {
    const session = open(options);
    await session.login(ada);
    return session;
  }
  beforeEach(async () => {
    service = await startService();
    storage = createMemoryStorage();
  });
  afterEach(async () => {
    for (const session of sessions) session.close();
    sessions = [];
    await service.stop();
  });

  describe('login and register', () => {
    it('redeems a code on the socket and keeps the first token', async () => {
      const session = open();
      const seen: string[] = [];
      session.subscribe(({ status }) => seen.push(status));
      const user = await session.login(ada);
      expect(user).to.include({ id: 'u1', name: 'Ada' });
      expect(session.state).to.deep.include({ status: 'active', user, generation: 1 });
      expect(session.sessionId).to.equal([...service.rows.keys()][0]);
      expect(claimsOf(jarToken(storage) ?? '')).to.include({ sid: session.sessionId, gen: 1 });
      expect(seen).to.deep.equal(['connecting', 'active']);
    });
    it('sends the tenant of the session when the input has none', async () => {
      const { fetch } = globalThis;
      const tenants: unknown[] = [];
      globalThis.fetch = async (_input, init) => {
        tenants.push(JSON.parse(String(init?.body)).tenant);
        return Response.json({ code: 'tenant_unknown' }, { status: 404 });
      };
      const session = open({ tenant: 'acme' });
      globalThis.fetch = fetch;
      for (const tenant of [undefined, 'other']) {
        expect(await codeOf(session.login({ ...ada, tenant } as typeof ada))).to.equal('tenant_unknown');
      }
      expect(tenants).to.deep.equal(['acme', 'other']);
    });
    it('registers a user and is active', async () => {
      const session = open({ tenant: 'acme' });
      await session.register({ ...ada, profile: { name: 'Ada' } });
      expect(service.requests).to.deep.equal(['POST /register']);
      expect(session.state.status).to.equal('active');
    });
    it('rejects with the code of the service and stays signed out', async () => {
      const session = open();
      expect(await codeOf(session.login({ ...ada, password: 'wrong' }))).to.equal('invalid_credentials');
      expect(session.state).to.deep.equal({ status: 'signed_out' });
    });
    it('rejects with unavailable when the service is not running', async () => {
      const session = open({ url: 'http://127.0.0.1:9' });
      expect(await codeOf(session.login(ada))).to.equal('unavailable');
      expect(session.state.status).to.equal('signed_out');
    });
    it('presents the same code, verifier and key again after a lost answer', async () => {
      service.faults.push('lose-answer', 'lose-request');
      const session = await signedIn();
      expect(service.shown).to.have.length(3);
      expect(service.shown[1]).to.deep.equal(service.shown[0]);
      expect(service.shown[2]).to.deep.equal(service.shown[0]);
      expect(service.rows.size).to.equal(1);
      expect(session.generation).to.equal(1);
    });
    it('signs in when the previous session ends during the sign-in', async () => {
      const before = await signedIn();
      before.close();
      service.rows.get(before.sessionId ?? '')!.revoked = 'ended_by_operator';
      const { fetch } = globalThis;
      const connected = new Promise((resolve) => service.io.once('connection', resolve));
      globalThis.fetch = async (input, init) => {
        const response = await fetch(input, init);
        if (String(input).endsWith('/oauth/token')) await connected;
        return response;
      };
      const session = open();
      globalThis.fetch = fetch;
      const refused = codeOf(session.refresh());
      const user = await session.login(ada);
      expect(await refused).to.equal('session_revoked');
      expect(session.state).to.deep.include({ status: 'active', user });
    });
    it('rejects when the code is refused permanently, without logged_out', async () => {
      service.faults.push({ refuse: 'code_expired' });
      const session = open();
      const ends: unknown[] = [];
      session.on('logged_out', (end) => ends.push(end));
      expect(await codeOf(session.login(ada))).to.equal('code_expired');
      expect(session.state).to.deep.equal({ status: 'signed_out' });
      expect(ends).to.deep.equal([]);
    });
    it('shares one request for the same input, and rejects another input with busy', async () => {
      const session = open();
      const first = session.login(ada);
      expect(session.login({ ...ada })).to.equal(first);
      expect(await codeOf(session.login({ ...ada, email: 'bob@example.com' }))).to.equal('busy');
      await first;
      expect(service.requests).to.have.length(1);
    });
    it('ends the previous session of this browser', async () => {
      const session = await signedIn();
      const before = session.sessionId ?? '';
      await session.login(ada);
      expect(session.sessionId).not.to.equal(before);
      await waitFor(() => service.rows.get(before)?.revoked !== undefined);
      expect(session.state.status).to.equal('active');
    });
  });

  describe('connect', () => {
    it('is signed out at once without a token', async () => {
      expect(await open().connect()).to.deep.equal({ status: 'signed_out' });
      expect(service.received).to.deep.equal([]);
    });
    it('resumes the stored session with the next generation', async () => {
      (await signedIn()).close();
      const again = open();
      const state = await again.connect();
      expect(state).to.include({ status: 'active', generation: 2 });
    });
    it('reconnects after the transport is cut, and repeats the request after a lost answer', async () => {
      const session = await signedIn();
      service.faults.push('lose-answer');
      service.io.engine.clientsCount;
      for (const socket of service.io.sockets.sockets.values()) socket.conn.close();
      await waitFor(() => session.state.status === 'active' && session.generation === 2);
      const [, lost, replayed] = service.shown;
      expect(replayed).to.deep.equal(lost);
      expect([...service.rows.values()][0]).to.include({ gen: 2, rotations: 1, revoked: undefined });
    });
    it('reconnects when the page disconnects the socket', async () => {
      const session = await signedIn();
      session.socket.disconnect();
      expect(session.state.status).to.equal('offline');
      await waitFor(() => session.state.status === 'active');
      expect(session.generation).to.equal(2);
    });
    it('is offline, and not signed out, while the service is unavailable', async () => {
      const session = await signedIn();
      const { sessionId } = session;
      const port = Number(new URL(service.url).port);
      const { rows } = service;
      await service.stop();
      await waitFor(() => session.state.status === 'offline');
      expect(session.state).to.include({ sessionId, user: session.user });
      expect(jarToken(storage)).not.to.equal(undefined);
      expect(await session.connect()).to.include({ status: 'offline' });
      service = await startService(port, rows);
      await waitFor(() => session.state.status === 'active');
      expect(session.generation).to.equal(2);
    });
  });

  describe('refusals', () => {
    for (const code of ['rotation_contended', 'busy', 'unavailable', 'overloaded', 'rate_limited'] as const) {
      it(`retries after ${code}`, async () => {
        (await signedIn()).close();
        service.faults.push({ refuse: code, retryAfterMs: 50 });
        const session = open();
        await session.connect();
        expect(session.state).to.include({ status: 'active', generation: 2 });
        expect(service.shown).to.have.length(3);
        expect(service.shown[2]).to.deep.equal(service.shown[1]);
      });
    }
    it('uses the newer token of another tab when its own is permanently refused', async () => {
      (await signedIn()).close();
      const name = nameIn(storage, ':token') ?? '';
      const row = [...service.rows.values()][0]!;
      const session = open();
      const connected = session.connect();
      await waitFor(() => service.shown.length === 2);
      // The answer is on its way; meanwhile another tab has rotated twice.
      Object.assign(row, { gen: 5, tag: 'AAAAAAAAAAAAAAAAAAAAAA' });
      storage.setItem(name, tokenOf(row));
      for (const socket of service.io.sockets.sockets.values()) socket.conn.close();
      await connected;
      await waitFor(() => session.state.status === 'active' && session.generation === 6);
    });
    it('reads the token again before it ends the session', async () => {
      (await signedIn()).close();
      const name = nameIn(storage, ':token') ?? '';
      const row = [...service.rows.values()][0]!;
      service.faults.push({ refuse: 'token_reused' });
      const session = open();
      session.on('unauthorized', () => {
        Object.assign(row, { gen: 7, tag: 'AAAAAAAAAAAAAAAAAAAAAA' });
        storage.setItem(name, tokenOf(row));
      });
      await session.connect();
      await waitFor(() => session.state.status === 'active');
      expect(session.generation).to.equal(8);
    });
    for (const code of ['token_reused', 'token_invalid', 'session_expired', 'generation_unknown'] as const) {
      it(`quarantines the token after ${code}`, async () => {
        (await signedIn()).close();
        const token = jarToken(storage);
        service.faults.push({ refuse: code });
        const session = open();
        const ends: unknown[] = [];
        session.on('logged_out', (end) => ends.push(end));
        expect(await session.connect()).to.deep.equal({ status: 'signed_out', reason: code });
        expect(ends).to.deep.equal([{ reason: code }]);
        expect(jarToken(storage)).to.equal(undefined);
        expect(storage.getItem(nameIn(storage, ':aside') ?? '')).to.equal(token);
        expect(nameIn(storage, ':key:')).to.equal(undefined);
      });
    }
    for (const code of ['invalid_request', 'proof_invalid'] as const) {
      it(`is in error after ${code}, and keeps the token`, async () => {
        (await signedIn()).close();
        const token = jarToken(storage);
        // A proof may be refused once: the key is looked for again.
        service.faults.push({ refuse: code }, ...(code === 'proof_invalid' ? [{ refuse: code }] : []));
        const session = open();
        expect(await session.connect()).to.include({ status: 'error', reason: code });
        expect(jarToken(storage)).to.equal(token);
        expect(await session.connect()).to.include({ status: 'active' });
      });
    }
  });

  describe('tabs', () => {
    it('share a session, its rotations and its end with each other', async () => {
      const one = await signedIn();
      const two = open();
      await two.connect();
      expect(two.sessionId).to.equal(one.sessionId);
      await waitFor(() => one.generation === 2);
      expect(await one.logout()).to.deep.equal({ ended: 1 });
      await waitFor(() => two.state.status === 'signed_out');
      expect(one.state).to.deep.equal({ status: 'signed_out', reason: 'logout' });
      expect(two.state).to.deep.equal({ status: 'signed_out', reason: 'logout' });
      expect(jarToken(storage)).to.equal(undefined);
    });
    it('adopt a sign-in of another tab', async () => {
      const two = open();
      await two.connect();
      const one = await signedIn();
      await waitFor(() => two.state.status === 'active');
      expect(two.sessionId).to.equal(one.sessionId);
    });
    it('have one session after concurrent sign-ins in two tabs', async () => {
      const [one, two] = [open(), open()] as const;
      await Promise.all([one.login(ada), two.login({ ...ada })]);
      const living = () => [...service.rows.values()].filter(({ revoked }) => revoked === undefined);
      await waitFor(() => living().length === 1);
      const sid = living()[0]?.sid;
      await waitFor(() => [one, two].every(({ state }) => state.status === 'active' && state.sessionId === sid));
    });
    it('adopt the sign-in of another tab as another user', async () => {
      const one = await signedIn();
      const two = open();
      await two.connect();
      await one.login(ada);
      await waitFor(() => two.sessionId === one.sessionId && two.state.status === 'active');
      expect([...service.rows.values()].filter(({ revoked }) => revoked === undefined)).to.have.length(1);
    });
  });

  describe('server events', () => {
    it('erases the token when the session is ended by another client', async () => {
      const session = await signedIn();
      service.end(session.sessionId ?? '', 'password_changed');
      await waitFor(() => session.state.status === 'signed_out');
      expect(session.state.reason).to.equal('password_changed');
      expect(jarToken(storage)).to.equal(undefined);
    });
    it('reconnects after a drain, not before the requested time', async () => {
      const session = await signedIn();
      const drains: unknown[] = [];
      session.on('server_drain', (drain) => drains.push(drain));
      const at = performance.now();
      for (const socket of service.io.sockets.sockets.values()) {
        socket.emit('server_drain', { reconnect_after_ms: 400 });
        socket.conn.close();
      }
      await waitFor(() => session.state.status === 'offline');
      await waitFor(() => session.state.status === 'active');
      expect(performance.now() - at).to.be.within(395, 3_000);
      expect(drains).to.deep.equal([{ reconnectAfterMs: 400 }]);
    });
    it('emits session_expiring', async () => {
      const session = await signedIn();
      const warnings: unknown[] = [];
      session.on('session_expiring', (event) => warnings.push(event));
      service.io.emit('session_expiring', { in_seconds: 120, reason: 'idle_timeout' });
      await waitFor(() => warnings.length === 1);
      expect(warnings).to.deep.equal([{ inSeconds: 120, reason: 'idle_timeout' }]);
    });
  });

  describe('refresh', () => {
    it('refreshes on the live socket, once for concurrent calls', async () => {
      const session = await signedIn();
      await Promise.all([session.refresh(), session.refresh()]);
      expect(service.received.filter((name) => name === 'refresh')).to.have.length(1);
      expect(session.generation).to.equal(1);
    });
    it('uses the refresh grant without a socket, which rotates', async () => {
      (await signedIn()).close();
      const session = open();
      await session.refresh();
      expect(service.requests).to.deep.equal(['POST /login', 'POST /oauth/token']);
      expect(claimsOf(jarToken(storage) ?? '').gen).to.equal(2);
    });
    it('rejects with unauthenticated while signed out', async () => {
      expect(await codeOf(open().refresh())).to.equal('unauthenticated');
    });
    it('keeps the token when the service does not answer', async () => {
      (await signedIn()).close();
      service.httpFaults.push('unavailable');
      expect(await codeOf(open().refresh())).to.equal('unavailable');
      expect(claimsOf(jarToken(storage) ?? '').gen).to.equal(1);
    });
    it('does not rotate when another tab has rotated without a notification', async () => {
      const session = await signedIn();
      const { BroadcastChannel } = globalThis;
      Object.assign(globalThis, { BroadcastChannel: undefined });
      const other = open();
      await other.connect();
      Object.assign(globalThis, { BroadcastChannel });
      const shown = service.shown.length;
      getInternals(session).core.dispatchStored('rotation_due');
      expect([session.state.status, session.generation]).to.deep.equal(['active', 2]);
      expect(service.shown).to.have.length(shown);
    });
    it('refreshes and rotates at the times that the service requests', async () => {
      service.grant.refreshIn = 0.05;
      service.grant.rotateIn = 0.3;
      const session = await signedIn();
      await waitFor(() => (session.generation ?? 0) >= 2);
      expect(service.received).to.include('refresh');
      expect([...service.rows.values()][0]?.revoked).to.equal(undefined);
    });
  });

  describe('logout', () => {
    it('ends the session over HTTP without a socket', async () => {
      (await signedIn()).close();
      const session = open();
      expect(await session.logout()).to.deep.equal({ ended: 1 });
      expect(service.requests.at(-1)).to.equal('POST /oauth/revoke');
      expect([...service.rows.values()][0]?.revoked).to.equal('logout');
      expect(jarToken(storage)).to.equal(undefined);
    });
    it('ends the session when storage was cleared without a notification', async () => {
      const session = await signedIn();
      storage.removeItem(nameIn(storage, ':token') ?? '');
      expect(await session.logout()).to.deep.equal({ ended: 1 });
      expect(session.state).to.deep.equal({ status: 'signed_out', reason: 'logout' });
      expect([...service.rows.values()][0]?.revoked).to.equal('logout');
    });
    it('sends neither access token nor proof over HTTP, also when it has them', async () => {
      const session = await signedIn();
      service.io.use((_socket, next) => next(new Error('no sockets today')));
      service.io.disconnectSockets(true);
      await waitFor(() => session.state.status === 'offline');
      service.requests.length = 0;
      expect(await session.logout()).to.deep.equal({ ended: 1 });
      expect(service.requests).to.deep.equal(['POST /oauth/revoke']);
      expect(session.state).to.deep.equal({ status: 'signed_out', reason: 'logout' });
    });
    it('rejects and stays signed in when the service is unavailable, unless forced', async () => {
      const session = await signedIn();
      await service.stop();
      await waitFor(() => session.state.status === 'offline');
      expect(await codeOf(session.logout())).to.equal('unavailable');
      expect(jarToken(storage)).not.to.equal(undefined);
      expect(await session.logout({ force: true })).to.deep.equal({ ended: 0 });
      expect(jarToken(storage)).to.equal(undefined);
      expect(session.state).to.deep.equal({ status: 'signed_out', reason: 'logout' });
    });
    it('resolves with its answer when another tab receives the end first', async () => {
      const session = await signedIn();
      await open().connect();
      service.logout.isAnsweredLate = true;
      expect(await session.logout({ scope: 'all' })).to.deep.equal({ ended: 3 });
      expect(session.state).to.deep.equal({ status: 'signed_out', reason: 'logout' });
    });
    it('resolves when the answer is lost but another tab has received the end', async () => {
      const session = await signedIn();
      await open().connect();
      service.logout.isAnsweredLate = true;
      const leaving = session.logout();
      await waitFor(() => jarToken(storage) === undefined);
      const again = session.logout();
      for (const socket of service.io.sockets.sockets.values()) socket.conn.close();
      expect(await Promise.all([leaving, again])).to.deep.equal([{ ended: 1 }, { ended: 1 }]);
      expect(session.state).to.deep.equal({ status: 'signed_out', reason: 'logout' });
    });
    it('resolves with 0 ended sessions when forced, with empty storage and a lost answer', async () => {
      const session = await signedIn();
      storage.removeItem(nameIn(storage, ':token') ?? '');
      service.logout.isAnsweredLate = true;
      const leaving = session.logout({ force: true });
      await waitFor(() => service.received.includes('logout'));
      for (const socket of service.io.sockets.sockets.values()) socket.conn.close();
      expect(await leaving).to.deep.equal({ ended: 0 });
      expect(session.state.status).to.equal('signed_out');
    });
    it('ends the other sessions and stays signed in', async () => {
      const session = await signedIn();
      await session.logout({ scope: 'others' });
      expect(session.state.status).to.equal('active');
      expect(jarToken(storage)).not.to.equal(undefined);
    });
  });

  describe('close', () => {
    const later = () => new Promise((resolve) => setTimeout(resolve, 200));

    it('rejects a sign-in in flight, and opens no further connection', async () => {
      const session = open();
      service.io.httpServer.once('request', () => session.close());
      expect(await codeOf(session.login(ada))).to.equal('unavailable');
      await later();
      expect([service.shown, service.io.engine.clientsCount]).to.deep.equal([[], 0]);
      expect(jarToken(storage)).to.equal(undefined);
    });
    it('rejects a sign-in while its code is presented', async () => {
      const session = open();
      service.faults.push('lose-request');
      service.io.on('connection', (socket) => socket.on('authenticate', () => session.close()));
      expect(await codeOf(session.login(ada))).to.equal('unavailable');
      await later();
      expect([service.shown.length, service.io.engine.clientsCount]).to.deep.equal([1, 0]);
    });
    it('settles a pending connect and refresh', async () => {
      (await signedIn()).close();
      const session = open();
      const connecting = session.connect();
      const refreshing = session.refresh();
      session.close();
      expect((await connecting).status).to.equal('connecting');
      await refreshing;
    });
    it('opens no further connection when a listener of any event closes the session', async () => {
      const first = await signedIn();
      const [connecting, bouncing, refused] = [open(), open(), open()] as const;
      connecting.subscribe(({ status }) => status === 'connecting' && connecting.close());
      await connecting.connect();
      await bouncing.connect();
      bouncing.subscribe(({ status }) => status === 'connecting' && bouncing.close());
      await first.login(ada);
      first.close();
      service.faults.push({ refuse: 'already_authenticated' });
      refused.on('unauthorized', () => refused.close());
      await refused.connect();
      await later();
      expect(service.io.engine.clientsCount).to.equal(0);
    });
    it('rejects a later sign-in, and opens no connection', async () => {
      (await signedIn()).close();
      const session = open();
      session.close();
      await session.connect();
      expect(await codeOf(session.login(ada))).to.equal('unavailable');
      await later();
      expect([service.shown.length, service.io.engine.clientsCount]).to.deep.equal([1, 0]);
    });
  });

  for (const event of ['refresh', 'logout'] as const) {
    it(`rejects ${event} when its answer cannot be read, and stays signed in`, async () => {
      const answers = [null, 7, 'ok', {}, { ok: 'yes' }, { ok: false }, { ok: false, error: 7 }];
      const garbage: unknown[] = event === 'refresh' ? [...answers, { ok: true }, { ok: true, data: {} }] : answers;
      service.io.on('connection', (socket) => {
        socket.removeAllListeners(event);
        socket.on(event, (_payload, ack) => ack(garbage[0]));
      });
      const session = await signedIn();
      for (; garbage.length > 0; garbage.shift()) {
        expect(await codeOf(event === 'refresh' ? session.refresh() : session.logout())).to.equal('internal_error');
      }
      expect([session.state.status, jarToken(storage) !== undefined]).to.deep.equal(['active', true]);
    });
  }
  it('keeps the session with a full storage, in this page and the next ones', async () => {
    const most = 2_000;
    const values = new Map<string, string>();
    const used = () => [...values].reduce((sum, [name, value]) => sum + name.length + value.length, 0);
    storage = Object.defineProperty(
      {
        key: (index) => [...values.keys()][index] ?? null,
        getItem: (name) => values.get(name) ?? null,
        removeItem: (name) => void values.delete(name),
        setItem(name, value) {
          const more = value.length - (values.get(name)?.length ?? -name.length);
          if (more > 0 && used() + more > most) throw new DOMException('full', 'QuotaExceededError');
          values.set(name, value);
        },
      } as TokenStorage,
      'length',
      { get: () => values.size },
    );
    (await signedIn()).close();
    storage.setItem('own', 'x'.repeat(most - used() - 'own'.length));
    for (const generation of [2, 3]) {
      const session = open();
      expect(await session.connect()).to.include({ status: 'active', generation });
      session.close();
    }
    expect([...service.rows.values()][0]?.revoked).to.equal(undefined);
  });
  it('reports activity at most once a minute', async () => {
    const session = await signedIn();
    session.activity();
    session.activity();
    await session.refresh();
    expect(service.received.filter((name) => name === 'activity')).to.have.length(1);
  });
  it('throws for unknown options and values of another type, and names the closest match', async () => {
    expect(() => open({ socketURL: service.url } as never)).to.throw(
      TypeError,
      'createSession: socketURL is not an option; did you mean socketUrl?',
    );
    expect(() => open({ useDpop: 'false' } as never)).to.throw(TypeError, 'useDpop has to be a boolean');
    expect(() => createSession(undefined as never)).to.throw(TypeError, 'object of options');
    const session = open();
    const refusals = [
      () => session.login({ ...ada, tenantId: 'acme' } as never),
      () => session.register({ ...ada, name: 'Ada' } as never),
      () => session.logout({ everywhere: true } as never),
      () => session.logout({ force: 'yes' } as never),
      () => signInWithRedirect(session, { appUrl: 'https://app.example' } as never, {} as never),
    ];
    for (const refused of refusals)
      expect(await refused().catch((error: unknown) => error), String(refused)).to.be.instanceOf(TypeError);
    expect(service.rows.size).to.equal(0);
  });
  it('throws for an unknown event and an invalid address', () => {
    expect(() => open().on('stat' as 'state', () => {})).to.throw(TypeError, 'no event');
    expect(() => open({ url: 'nowhere' })).to.throw(TypeError);
    expect(() => open({ apis: ['app.example:/api'] })).to.throw(TypeError, 'apis has to be an origin');
  });
  it('calls all listeners with the same states in the same order, also when one of them calls the session', async () => {
    const session = open();
    const [first, second]: [string[], string[]] = [[], []];
    session.subscribe(({ status }) => {
      first.push(status);
      if (status === 'active' && first.length === 2) void session.refresh();
    });
    session.subscribe(({ status }) => second.push(status));
    await session.login(ada);
    await waitFor(() => first.length === 4);
    expect(first).to.deep.equal(['connecting', 'active', 'refreshing', 'active']);
    expect(second).to.deep.equal(first);
  });
  it('continues when a listener throws, and reports the error', async () => {
    const reported: unknown[] = [];
    Object.assign(globalThis, { reportError: (error: unknown) => reported.push(error) });
    try {
      const session = open();
      const mistake = new Error('of the page');
      const seen: string[] = [];
      session.subscribe(() => {
        throw mistake;
      });
      session.subscribe(({ status }) => seen.push(status));
      expect(await session.login(ada)).to.include({ id: 'u1' });
      expect(seen).to.deep.equal(['connecting', 'active']);
      expect(await session.logout()).to.deep.equal({ ended: 1 });
      expect(reported).to.deep.equal([mistake, mistake, mistake]);
    } finally {
      Reflect.deleteProperty(globalThis, 'reportError');
    }
  });
});
