import { expect } from 'chai';
import { grantOf } from '../../../core/test/socket/scripted-authority.ts';
import { createStage, type Stage } from '../../../core/test/socket/stage.ts';
import { createFakeClock, type FakeClock } from '../../../test-kit/fake-clock.ts';
import type { LocalUserSession, LocalUserSessions, SessionDestroyReason } from '../../src/index.ts';
import { createLocalUserSessions } from '../../src/internal.ts';

describe('createLocalUserSessions', () => {
  let clock: FakeClock;
  let sessions: LocalUserSessions;
  let stage: Stage;
  let destroyed: { session: LocalUserSession; reason: SessionDestroyReason }[];
  let logged: unknown[];
  let remove: () => void;

  beforeEach(async () => {
    clock = createFakeClock();
    logged = [];
    const note = (fields: unknown) => void logged.push(fields);
    sessions = createLocalUserSessions({ clock, serverId: 'server-1', log: { warn: note, error: note } });
    destroyed = [];
    remove = sessions.onLocalUserSessionDestroy((session, reason) => destroyed.push({ session, reason }));
    stage = await createStage({}, { follow: sessions.observe });
  });
  afterEach(async () => {
    await stage.end();
    sessions.close();
    expect(clock.timers()).to.equal(0);
    expect(stage.authority.listeners()).to.equal(0);
  });

  const states = () => sessions.getLocalUserSessions().map(({ id, active, connections }) => [id, active, connections]);

  it('shows a session with the names of zerv-core', async () => {
    await stage.member('s1');
    const at = new Date(clock.now());
    expect(sessions.getLocalUserSessions()).to.deep.equal([
      {
        id: 's1',
        userId: 'user-1',
        tenantId: 'tenant-1',
        payload: { role: 'teller', id: 'user-1', tenant_id: 'tenant-1' },
        origin: 's1',
        zervServerId: 'server-1',
        serverId: 'server-1',
        creation: at,
        active: true,
        connections: 1,
        lastUpdate: at,
      },
    ]);
    expect(sessions.find('s1')).to.equal(sessions.getLocalUserSessions()[0]);
  });

  it('shows deeply frozen claims', async () => {
    const roles = ['teller'];
    const { exchange } = stage.authority;
    stage.authority.exchange = async (request) => ({ ...(await exchange(request)), claims: { roles } });
    await stage.member('s1');
    const { payload } = sessions.find('s1')!;
    expect(() => (payload.roles as string[]).push('admin')).to.throw(TypeError);
  });

  it('counts the sockets, and the active sessions of a user', async () => {
    await stage.member('s1');
    const second = await stage.member('s1');
    await stage.member('s2');
    expect(states()).to.deep.equal([
      ['s1', true, 2],
      ['s2', true, 1],
    ]);
    expect(sessions.countLocalSessionsByUserId('user-1')).to.equal(2);
    expect(sessions.countLocalSessionsByUserId('user-2')).to.equal(0);
    second.socket.close();
    await stage.settle();
    expect(sessions.find('s1')?.connections).to.equal(1);
  });

  it('distinguishes local sessions from others', async () => {
    await stage.member('s1');
    const [here] = sessions.getLocalUserSessions();
    const there = { id: 's9', zervServerId: 'server-2' };
    expect([sessions.isLocalUserSession(here!), sessions.isLocalUserSession(there)]).to.deep.equal([true, false]);
    expect(sessions.isUserSessionServerOrigin(here!)).to.equal(true);
    expect(sessions.isUserSessionServerOrigin(there)).to.equal(false);
  });

  it('keeps a session without sockets for ten minutes, then destroys it once', async () => {
    const client = await stage.member('s1');
    client.socket.close();
    await stage.settle();
    expect(states()).to.deep.equal([['s1', false, 0]]);
    expect(sessions.countLocalSessionsByUserId('user-1')).to.equal(0);
    clock.advance(599_000);
    expect(destroyed).to.deep.equal([]);
    clock.advance(2_000);
    expect(states()).to.deep.equal([]);
    expect(destroyed.map(({ session, reason }) => [session.id, session.active, reason])).to.deep.equal([
      ['s1', false, 'inactive'],
    ]);
    expect(sessions.isLocalUserSession({ id: 's1' })).to.equal(false);
  });

  it('is kept when its user returns within ten minutes', async () => {
    const client = await stage.member('s1');
    const { creation } = sessions.find('s1')!;
    client.socket.close();
    await stage.settle();
    clock.advance(500_000);
    await stage.member('s1');
    clock.advance(10_000_000);
    expect(states()).to.deep.equal([['s1', true, 1]]);
    expect(sessions.find('s1')!.creation).to.deep.equal(creation);
    expect(sessions.find('s1')!.lastUpdate.getTime()).to.equal(creation.getTime() + 500_000);
    expect(destroyed).to.deep.equal([]);
  });

  it('destroys a session at once when it ends on any server, with and without sockets', async () => {
    const gone = await stage.member('s1');
    gone.socket.close();
    const alive = await stage.member('s2');
    await stage.settle();
    stage.authority.announce('s1', 'ended_by_operator');
    stage.authority.announce('s2', 'logout');
    await alive.take('logged_out');
    await stage.settle();
    expect(destroyed.map(({ session, reason }) => [session.id, reason])).to.deep.equal([
      ['s1', 'ended_by_operator'],
      ['s2', 'logout'],
    ]);
    expect(states()).to.deep.equal([]);
  });

  it('destroys a session when its row says that it expired', async () => {
    stage.authority.script.exchange = () => grantOf('s1', { expiresInSeconds: 60 });
    stage.authority.script.inspect = (sids) => sids.map((sid) => ({ sid, alive: false, reason: 'expired' }));
    const client = await stage.member('s1');
    await stage.pass(61_000);
    await client.take('logged_out');
    expect(destroyed.map(({ reason }) => reason)).to.deep.equal(['expired']);
  });

  it('ends sessions without sockets by a shorter limit of their tenant, now or when it is reached', async () => {
    for (const [sid, tenantId] of [
      ['s1', 'acme'],
      ['s2', 'acme'],
      ['s3', 'beta'],
    ] as const) {
      stage.authority.script.exchange = () => grantOf(sid, { tenantId });
      (await stage.member(sid)).socket.close();
    }
    await stage.settle();
    stage.authority.script.inspect = (sids) =>
      sids.map((sid) =>
        sid === 's1'
          ? { sid, alive: false, reason: 'expired' }
          : { sid, alive: true, expiresInSeconds: 60, idleExpiresInSeconds: null },
      );
    stage.authority.changeTenant('acme');
    await stage.settle();
    expect(stage.authority.of('inspect')).to.deep.equal([['s1', 's2']]);
    expect(states().map(([sid]) => sid)).to.deep.equal(['s2', 's3']);
    clock.advance(62_000);
    expect(states().map(([sid]) => sid)).to.deep.equal(['s3']);
    clock.advance(600_000);
    expect(destroyed.map(({ session, reason }) => `${session.id} ${reason}`)).to.deep.equal([
      's1 expired',
      's2 expired',
      's3 inactive',
    ]);
  });

  it('keeps sessions without sockets when they cannot be read again', async () => {
    (await stage.member('s1')).socket.close();
    await stage.settle();
    stage.authority.script.inspect = () => Promise.reject(new Error('away'));
    stage.authority.changeTenant(undefined);
    await stage.settle();
    expect(states()).to.deep.equal([['s1', false, 0]]);
  });

  it('does not keep an inactive session beyond its end', async () => {
    stage.authority.script.exchange = () => grantOf('s1', { expiresInSeconds: 60 });
    const client = await stage.member('s1');
    client.socket.close();
    await stage.settle();
    clock.advance(61_000);
    expect(destroyed.map(({ reason }) => reason)).to.deep.equal(['expired']);
  });

  it('creates no session whose end arrived before its grant', async () => {
    stage.authority.script.endedReason = () => 'logout';
    const client = await stage.client();
    client.emit('authenticate', { token: 'sid:s1' });
    await client.take('unauthorized');
    await stage.settle();
    expect(states()).to.deep.equal([]);
  });

  it('shows no session of a grant whose socket had disconnected, and removes it', async () => {
    const client = await stage.client();
    stage.authority.script.exchange = async () => {
      client.socket.close();
      await stage.settle();
      return grantOf('s1');
    };
    client.emit('authenticate', { token: 'x' });
    await stage.settle(100);
    expect(states()).to.deep.equal([]);
    clock.advance(601_000);
    expect(destroyed).to.deep.equal([]);
    expect(clock.timers()).to.equal(0);
  });

  it('calls no removed listener, and continues when one throws or rejects', async () => {
    sessions.onLocalUserSessionDestroy(() => {
      throw new Error('listener');
    });
    sessions.onLocalUserSessionDestroy(async () => {
      throw new Error('listener, later');
    });
    let later = 0;
    sessions.onLocalUserSessionDestroy(() => {
      later += 1;
    });
    await stage.member('s1');
    remove();
    stage.authority.announce('s1', 'logout');
    expect([destroyed.length, later]).to.deep.equal([0, 1]);
    await stage.settle();
    expect(logged).to.have.length(2);
    expect(JSON.stringify(logged)).to.include('"message":"listener"').and.include('"message":"listener, later"');
  });

  it('throws for an invalid time', () => {
    const make = () => createLocalUserSessions({ clock, serverId: 'x', maxInactiveTimeInMinsForInactiveSession: 0 });
    expect(make).to.throw(TypeError, 'maxInactiveTimeInMinsForInactiveSession');
  });
});
