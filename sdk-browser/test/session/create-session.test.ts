import { expect } from 'chai';
import { IDBFactory } from 'fake-indexeddb';
import { waitFor } from '../../../test-kit/wait-for.ts';
import type { TokenStorage } from '../../src/platform/storage.ts';
import { createProver, type Prover, type ProverDeps } from '../../src/proof/prover.ts';
import { openSession } from '../../src/session/open-session.ts';
import type { Session, SessionOptions } from '../../src/session/session.ts';
import { createMemoryStorage } from '../../src/tokens/storage-adapter.ts';
import { type Service, startService } from '../harness/service.ts';

const ada = { email: 'ada@example.com', password: 'correct horse' };

function copyOf(storage: TokenStorage): TokenStorage {
  const copy = createMemoryStorage();
  for (let index = 0; index < storage.length; index += 1) {
    const name = storage.key(index) ?? '';
    copy.setItem(name, storage.getItem(name) ?? '');
  }
  return copy;
}

describe('a session with proofs', () => {
  let service: Service;
  let storage: TokenStorage;
  let database: IDBFactory;
  let subtle: SubtleCrypto | undefined;
  let sessions: Session[] = [];

  function open(options: Partial<SessionOptions> = {}, change: (prover: Prover) => Prover = (prover) => prover) {
    const make = (needs: ProverDeps) =>
      change(createProver({ ...needs, indexedDb: () => database, webCrypto: () => subtle }));
    const session = openSession({ url: service.url, storage, random: () => 0.1, ...options }, make);
    sessions.push(session);
    return session;
  }
  async function signedIn(): Promise<Session> {
    const session = open();
    await session.login(ada);
    return session;
  }
  const row = () => [...service.rows.values()][0];
  beforeEach(async () => {
    service = await startService();
    storage = createMemoryStorage();
    database = new IDBFactory();
    subtle = crypto.subtle;
  });
  afterEach(async () => {
    for (const session of sessions) session.close();
    sessions = [];
    await service.stop();
  });

  it('is bound by its sign-in, with isBound in its state', async () => {
    const session = await signedIn();
    expect([session.isBound, session.unboundReason]).to.deep.equal([true, undefined]);
    expect(session.state).to.include({ status: 'active', isBound: true });
    expect(row()?.jkt).to.match(/^[\w-]{43}$/);
  });
  it('presents a new proof for each connection and each rotation', async () => {
    const session = await signedIn();
    service.io.disconnectSockets(true);
    await waitFor(() => session.generation === 2);
    service.faults.push('lose-answer');
    service.io.disconnectSockets(true);
    await waitFor(() => session.generation === 3);
    const proofs = service.shown.map(({ proof }) => proof);
    expect(proofs).to.have.length(4);
    expect(new Set(proofs).size).to.equal(4);
  });
  it('is not bound when the page disables proofs, and when no key can be stored', async () => {
    const off = open({ useDpop: false });
    await off.login(ada);
    expect(off.state).to.include({ isBound: false, unboundReason: 'off' });
    expect(service.shown.map(({ proof }) => proof)).to.deep.equal([undefined]);
    database = undefined as unknown as IDBFactory;
    const nowhere = open({ storage: createMemoryStorage() });
    await nowhere.login(ada);
    expect(nowhere.state).to.include({ isBound: false, unboundReason: 'no_indexeddb' });
  });
  it('stays bound when the page disables proofs later', async () => {
    (await signedIn()).close();
    expect(await open({ useDpop: false }).connect()).to.include({ status: 'active', isBound: true });
  });

  describe('whose key is missing', () => {
    it('ends in this browser with its token quarantined, and stays alive at the service', async () => {
      const owner = await signedIn();
      const copy = copyOf(storage);
      [storage, database] = [copy, new IDBFactory()];
      const thief = open();
      const reasons: string[] = [];
      thief.on('logged_out', ({ reason }) => reasons.push(reason));
      await thief.connect();
      await waitFor(() => thief.state.status === 'signed_out');
      expect([thief.state.reason, reasons]).to.deep.equal(['key_lost', ['key_lost']]);
      const names = Array.from({ length: copy.length }, (_, index) => (copy.key(index) ?? '').split(':').at(-1));
      expect(names).to.include('aside').and.not.include('token');
      expect([row()?.gen, row()?.revoked, owner.state.status]).to.deep.equal([1, undefined, 'active']);
    });
    it('notifies the other tabs with the reason', async () => {
      (await signedIn()).close();
      database = new IDBFactory();
      const tabs = [open(), open()];
      await Promise.all(tabs.map((tab) => tab.connect()));
      await waitFor(() => tabs.every(({ state }) => state.reason === 'key_lost'));
    });
    it('is in error and keeps the token while storage cannot be read, and resumes afterwards', async () => {
      (await signedIn()).close();
      const there = database;
      const broken = {
        open: () => {
          throw new DOMException('gone', 'UnknownError');
        },
      };
      database = broken as unknown as IDBFactory;
      const session = open();
      await session.connect();
      await waitFor(() => session.state.status === 'error');
      expect(session.state.reason).to.equal('proof_required');
      database = there;
      await session.connect();
      await waitFor(() => session.state.status === 'active');
    });
    it('is in error with its token kept without WebCrypto, and resumes with it', async () => {
      (await signedIn()).close();
      subtle = undefined;
      const session = open();
      await session.connect();
      await waitFor(() => session.state.status === 'error');
      expect([session.state.reason, session.unboundReason]).to.deep.equal(['proof_required', 'no_webcrypto']);
      subtle = crypto.subtle;
      await session.connect();
      await waitFor(() => session.state.status === 'active');
      expect(session.isBound).to.equal(true);
    });
  });

  it('has the reason of the end after a reconnect, also when the notification was lost', async () => {
    const session = await signedIn();
    const reasons: string[] = [];
    session.on('logged_out', ({ reason }) => reasons.push(reason));
    const prefix = `latchkey:${new URL(service.url).host}:`;
    storage.removeItem(`${prefix}token`);
    storage.setItem(`${prefix}ended`, `${session.sessionId} key_lost`);
    service.io.disconnectSockets(true);
    await waitFor(() => session.state.status === 'signed_out');
    expect([session.state.reason, reasons]).to.deep.equal(['key_lost', ['key_lost']]);
  });
  it('is in error, and not ended, with the key of another session', async () => {
    (await signedIn()).close();
    database = new IDBFactory();
    const other = createProver({
      database: `latchkey:${service.url}`,
      timers: { now: () => 0, after: () => () => {} },
      isWanted: true,
      indexedDb: () => database,
    });
    await other.ensureKey();
    const session = open();
    await session.connect();
    await waitFor(() => session.state.status === 'error');
    expect(session.state.reason).to.equal('proof_invalid');
    expect([row()?.gen, row()?.revoked]).to.deep.equal([1, undefined]);
    expect(service.shown).to.have.length(3);
  });
  it('reads its key again after a refused proof, because another tab may have created a new one', async () => {
    const old = await signedIn();
    database = new IDBFactory();
    const fresh = open();
    await fresh.login(ada);
    await waitFor(() => old.sessionId === fresh.sessionId && old.state.status === 'active');
  });
  it('presents the token that is stored once the proof is ready', async () => {
    const first = await signedIn();
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const late = open({}, (prover) => ({
      ...prover,
      get keyStatus() {
        return prover.keyStatus;
      },
      get unboundReason() {
        return prover.unboundReason;
      },
      async prove(use) {
        await gate;
        return prover.prove(use);
      },
    }));
    const joined = late.connect();
    await waitFor(() => late.socket.connected);
    service.io.sockets.sockets.forEach((socket) => {
      if (socket.data.sid !== undefined) socket.disconnect(true);
    });
    await waitFor(() => first.generation === 2);
    release();
    expect(await joined).to.include({ status: 'active', generation: 3 });
    expect(row()?.revoked).to.equal(undefined);
    const shown = service.shown.map((payload) => ('token' in payload ? payload.token : 'code'));
    expect(new Set(shown).size).to.equal(shown.length);
  });
  it('sends proofs over HTTP without a socket, and returns to the socket', async () => {
    (await signedIn()).close();
    const session = open({ socketUrl: 'http://127.0.0.1:9' });
    await session.refresh();
    expect(service.requests.slice(-2)).to.deep.equal(['POST /oauth/token', 'POST /oauth/token']);
    expect(row()?.gen).to.equal(2);
  });
});
