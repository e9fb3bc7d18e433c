import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import sinon from 'sinon';
import { waitFor } from '../../test-kit/wait-for.ts';
import { createSession, type Session, type TokenStorage } from '../src/index.ts';
import { createMemoryStorage } from '../src/tokens/storage-adapter.ts';
import { type Service, startService } from './harness/service.ts';

const ada = { email: 'ada@example.com', password: 'correct horse' };

describe('a session where no WebSocket passes', () => {
  let service: Service;
  let storage: TokenStorage;
  let session: Session;
  let warned: sinon.SinonStub;

  beforeEach(async () => {
    service = await startService();
    storage = createMemoryStorage();
    session = createSession({ url: service.url, storage, random: () => 0.1 });
    warned = sinon.stub(console, 'warn');
  });
  afterEach(async () => {
    session.close();
    sinon.restore();
    await service.stop();
  });

  it('signs in over HTTP, with the reason in the state and one warning', async () => {
    service.refuseUpgrades();
    const user = await session.register(ada);
    expect(user).to.deep.equal({ id: 'u1', tenant_id: 't1', name: 'Zoë' });
    await waitFor(() => session.state.reason !== undefined);
    expect(session.state).to.deep.include({ status: 'offline', reason: 'no_websocket', user, generation: 1 });
    expect(session.sessionId).to.equal([...service.rows.keys()][0]);
    expect(service.requests).to.include.members(['POST /register', 'POST /oauth/token']);
    expect(warned.callCount).to.equal(1);
    await session.refresh();
    expect(session.state).to.include({ status: 'offline', reason: 'no_websocket', generation: 2 });
    expect(await session.logout()).to.deep.equal({ ended: 1 });
    expect(session.state.status).to.equal('signed_out');
  });

  it('has the reason in the state of a stored session, which stays signed in', async () => {
    await session.login(ada);
    session.close();
    service.refuseUpgrades();
    session = createSession({ url: service.url, storage, random: () => 0.1 });
    expect(await session.connect()).to.include({ status: 'offline' });
    await waitFor(() => session.state.reason === 'no_websocket');
    expect([...service.rows.values()].map(({ revoked }) => revoked)).to.deep.equal([undefined]);
  });

  it('rejects the sign-in with the refusal of the code', async () => {
    service.refuseUpgrades();
    service.httpFaults.push(...([undefined, 'code_expired'] as never[]));
    expect(await session.login(ada).catch(({ code }) => code)).to.equal('code_expired');
    expect(session.state.status).to.equal('signed_out');
  });
});

describe('a session whose socket server is no service', () => {
  it('signs in over HTTP and is then in error with the reason, the token kept', async () => {
    const warned = sinon.stub(console, 'warn');
    const service = await startService();
    const storage = createMemoryStorage();
    const plain = createServer((_request, response) => void response.writeHead(404).end());
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
    const socketUrl = `http://127.0.0.1:${(plain.address() as AddressInfo).port}`;
    const session = createSession({ url: service.url, socketUrl, storage, random: () => 0.1 });
    try {
      const user = await session.login(ada);
      await waitFor(() => session.state.status === 'error');
      expect(session.state).to.deep.include({ reason: 'not_a_service', user });
      expect(warned.args.flat().join()).to.include(socketUrl);
      expect(storage.length).to.be.greaterThan(0);
    } finally {
      session.close();
      sinon.restore();
      plain.close();
      await service.stop();
    }
  });
});

describe('a session of a service whose hook fails', () => {
  let service: Service;
  let storage: TokenStorage;
  let session: Session;
  beforeEach(async () => {
    service = await startService();
    storage = createMemoryStorage();
    session = createSession({ url: service.url, storage, random: () => 0.01 });
  });
  afterEach(async () => {
    session.close();
    await service.stop();
  });
  const broken = { refuse: 'internal_error' } as const;

  it('rejects a sign-in with internal_error after three refusals of its code', async () => {
    service.faults.push(broken, broken, broken);
    expect(await session.login(ada).catch(({ code }) => code)).to.equal('internal_error');
    expect(service.shown).to.have.length(3);
  });

  it('signs in when the hook fails twice only', async () => {
    service.faults.push(broken, broken);
    expect(await session.login(ada)).to.include({ id: 'u1' });
  });

  it('is in error with internal_error after five refusals of its token, keeps it, and resumes at connect', async () => {
    await session.login(ada);
    session.close();
    session = createSession({ url: service.url, storage, random: () => 0.01 });
    service.faults.push(broken, broken, broken, broken, broken);
    await session.connect();
    await waitFor(() => session.state.status === 'error');
    expect(session.state.reason).to.equal('internal_error');
    expect([...service.rows.values()].map(({ revoked }) => revoked)).to.deep.equal([undefined]);
    expect(await session.connect()).to.include({ status: 'active' });
  });
});
