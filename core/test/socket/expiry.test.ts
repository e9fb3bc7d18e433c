import { type EndReason, fail } from '@latchkey/contract';
import { expect } from 'chai';
import type { Grant, SessionInspection } from '../../src/index.ts';
import { access, grantOf } from './scripted-authority.ts';
import { type Client, createStage, type Stage } from './stage.ts';

const alive =
  (expiresInSeconds: number, idleExpiresInSeconds: number | null = null) =>
  (sids: readonly string[]) =>
    sids.map((sid): SessionInspection => ({ sid, alive: true, expiresInSeconds, idleExpiresInSeconds }));
const dead = (reason: EndReason) => (sids: readonly string[]) =>
  sids.map((sid): SessionInspection => ({ sid, alive: false, reason }));

describe('expiry of open sockets', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await createStage();
  });
  afterEach(() => stage.end());

  async function memberWith(change: Partial<Grant>): Promise<Client> {
    stage.authority.script.exchange = (request) => grantOf(request.credential.slice(4), change);
    return stage.member('s1');
  }
  const longAccess = { accessTokenExpiresInSeconds: 40_000 };

  it('closes the transport 25 s after the access token expired, so that the client reconnects', async () => {
    const client = await stage.member('s1');
    await stage.pass(324_000);
    expect(client.has('disconnect')).to.equal(false);
    await stage.pass(2_000);
    expect(await client.take('disconnect')).to.equal('transport close');
    expect(client.socket.active).to.equal(true);
    expect(stage.authority.of('inspect')).to.deep.equal([['s1']]);
  });

  it('extends by refresh the deadline of that socket and no other', async () => {
    const [busy, lazy] = [await stage.member('s1'), await stage.member('s1')];
    await stage.pass(200_000);
    expect(await busy.ask('refresh', {})).to.deep.equal({
      ok: true,
      data: { access_token: 'access-token', access_token_expires_in: 300, refresh_in: 240 },
    });
    await stage.pass(126_000);
    expect(await lazy.take('disconnect')).to.equal('transport close');
    expect(busy.has('disconnect')).to.equal(false);
    await stage.pass(200_000);
    expect(await busy.take('disconnect')).to.equal('transport close');
  });

  it('reads lifetimes again at once when the limits of a tenant change, only for sockets of that tenant', async () => {
    const member = (sid: string, tenantId: string) => {
      stage.authority.script.exchange = () => grantOf(sid, { ...longAccess, tenantId });
      return stage.member(sid);
    };
    const [over, near, other] = [await member('s1', 'acme'), await member('s2', 'acme'), await member('s3', 'beta')];
    stage.authority.script.inspect = (sids) =>
      sids.flatMap((sid) => (sid === 's1' ? dead('expired') : alive(100))([sid]));
    stage.authority.changeTenant('acme');
    await stage.pass(300);
    expect(stage.authority.of('inspect')).to.deep.equal([['s1', 's2']]);
    expect(await over.take('logged_out')).to.deep.equal({ reason: 'expired' });
    expect(await near.take('session_expiring')).to.deep.equal({ in_seconds: 100, reason: 'expired' });
    expect([near.has('disconnect'), other.has('session_expiring')]).to.deep.equal([false, false]);
    await stage.pass(70_500);
    expect(stage.authority.of('inspect')).to.deep.equal([['s1', 's2'], ['s2']]);
    stage.authority.changeTenant(undefined);
    await stage.pass(300);
    expect(stage.authority.of('inspect').slice(2)).to.deep.equal([['s2', 's3']]);
  });

  it('warns at 120 s and 30 s, then sends logged_out with the reason in the row', async () => {
    const client = await memberWith({ expiresInSeconds: 600, ...longAccess });
    const start = stage.clock.monotonic();
    stage.authority.script.inspect = (sids) => alive(600 - (stage.clock.monotonic() - start) / 1_000)(sids);
    await stage.pass(479_000);
    expect(client.has('session_expiring')).to.equal(false);
    await stage.pass(1_500);
    expect(await client.take('session_expiring')).to.deep.equal({ in_seconds: 120, reason: 'expired' });
    await stage.pass(90_000);
    expect(await client.take('session_expiring')).to.deep.equal({ in_seconds: 30, reason: 'expired' });
    stage.authority.script.inspect = dead('expired');
    await stage.pass(30_500);
    expect(await client.take('logged_out')).to.deep.equal({ reason: 'expired' });
    expect(await client.take('disconnect')).to.equal('io server disconnect');
    expect(stage.authority.of('inspect')).to.have.length(3);
  });

  it('does not warn at 120 s when the session was never longer than that', async () => {
    const client = await memberWith({ expiresInSeconds: 100, ...longAccess });
    const start = stage.clock.monotonic();
    stage.authority.script.inspect = (sids) => alive(100 - (stage.clock.monotonic() - start) / 1_000)(sids);
    await stage.pass(71_000);
    expect(await client.take('session_expiring')).to.deep.equal({ in_seconds: 30, reason: 'expired' });
    expect(client.seen.filter(({ event }) => event === 'session_expiring')).to.have.length(1);
  });

  it('does not warn when another tab or node extended the idle limit, and warns again when the limit is near again', async () => {
    const client = await memberWith({ idleExpiresInSeconds: 300, ...longAccess });
    stage.authority.script.inspect = alive(40_000, 280);
    await stage.pass(181_000);
    expect(client.has('session_expiring')).to.equal(false);
    stage.authority.script.inspect = alive(40_000, 120);
    await stage.pass(160_500);
    expect(await client.take('session_expiring')).to.deep.equal({ in_seconds: 120, reason: 'idle_timeout' });
    stage.authority.script.inspect = alive(40_000, 300);
    await stage.pass(91_000);
    stage.authority.script.inspect = alive(40_000, 119);
    await stage.pass(181_000);
    expect(await client.take('session_expiring')).to.deep.equal({ in_seconds: 119, reason: 'idle_timeout' });
    stage.authority.script.inspect = dead('idle_timeout');
    await stage.pass(120_000);
    expect(await client.take('logged_out')).to.deep.equal({ reason: 'idle_timeout' });
  });

  it('reads the rows of all due sockets in one request', async () => {
    const clients = [await stage.member('s1'), await stage.member('s1'), await stage.member('s2')];
    stage.authority.script.inspect = dead('ended_by_operator');
    await stage.pass(326_000);
    for (const client of clients) await client.take('logged_out');
    const questions = stage.authority.of('inspect') as string[][];
    expect(questions).to.have.length(1);
    expect([...questions[0]!].sort()).to.deep.equal(['s1', 's2']);
  });

  it('keeps sockets and refuses calls while the authority is unavailable, and leaves time to refresh afterwards', async () => {
    const [faithful, silent] = [await stage.member('s1'), await stage.member('s1')];
    let isDown = true;
    const refuse = () => {
      throw fail('unavailable');
    };
    stage.authority.script.inspect = (sids) => (isDown ? refuse() : alive(40_000)(sids));
    await stage.pass(326_000);
    await stage.pass(60_000);
    expect(faithful.socket.connected && silent.socket.connected).to.equal(true);
    expect(await silent.ask('api', 'transfer', {})).to.have.nested.property('error.code', 'unavailable');
    expect(stage.logged.length).to.be.greaterThan(1);
    isDown = false;
    await stage.pass(3_500);
    expect(await faithful.ask('refresh', {})).to.include({ ok: true });
    await stage.pass(9_000);
    expect(silent.socket.connected).to.equal(true);
    await stage.pass(2_000);
    expect(await silent.take('disconnect')).to.equal('transport close');
    expect(faithful.socket.connected).to.equal(true);
  });

  it('keeps a socket whose row was missing in the answer, and requests it again', async () => {
    const client = await stage.member('s1');
    stage.authority.script.inspect = () => [];
    await stage.pass(326_000);
    expect(client.socket.connected).to.equal(true);
    stage.authority.script.inspect = dead('ended_by_operator');
    await stage.pass(3_500);
    await client.take('logged_out');
  });

  it('closes no valid socket after the process was suspended past every deadline', async () => {
    const client = await stage.member('s1');
    stage.clock.sleep(400_000);
    stage.clock.advance(0);
    await stage.settle();
    expect(client.socket.connected).to.equal(true);
    expect(await client.ask('refresh', {})).to.include({ ok: true });
    await stage.pass(60_000);
    expect(client.socket.connected).to.equal(true);
  });

  it('requests authenticate from the browser when the service does not let this server refresh the session', async () => {
    const client = await stage.member('s1');
    stage.authority.script.refresh = () => {
      throw fail('forbidden');
    };
    expect(await client.ask('refresh', {})).to.have.nested.property('error.code', 'unauthenticated');
    expect(await client.ask('refresh', { admin: true })).to.have.nested.property('error.code', 'forbidden');
  });

  it('reads the row at once when a refresh finds the session ended', async () => {
    const client = await stage.member('s1');
    stage.authority.script.refresh = () => {
      throw fail('session_expired');
    };
    stage.authority.script.inspect = dead('idle_timeout');
    expect(await client.ask('refresh', {})).to.have.nested.property('error.code', 'session_expired');
    await stage.pass(500);
    expect(await client.take('logged_out')).to.deep.equal({ reason: 'idle_timeout' });
  });

  it('passes calls to the handlers of the app for signed-in sockets only', async () => {
    const calls: string[] = [];
    stage.io.on('connection', (socket) => {
      socket.on('api', (name: string, ack: (answer: unknown) => void) => {
        calls.push(name);
        ack({ ok: true });
      });
    });
    const stranger = await stage.client();
    expect(await stranger.ask('api', 'early')).to.have.nested.property('error.code', 'unauthenticated');
    stranger.emit('api', 'silent');
    stranger.emit('authenticate', { token: 'sid:s1' });
    await stranger.take('authenticated');
    expect(await stranger.ask('api', 'live')).to.deep.equal({ ok: true });
    expect(calls).to.deep.equal(['live']);
  });

  it('reports activity to the authority at most once a minute', async () => {
    const client = await stage.member('s1');
    for (const ms of [0, 30_000, 29_000, 1_500]) {
      await stage.pass(ms);
      client.emit('activity', {});
      await stage.settle();
    }
    expect(stage.authority.of('activity')).to.deep.equal(['s1', 's1']);
  });

  it('refuses the eleventh refresh of a socket in a minute', async () => {
    const client = await stage.member('s1');
    await stage.pass(1_000);
    for (let n = 0; n < 10; n += 1) expect(await client.ask('refresh', {})).to.include({ ok: true });
    await stage.pass(20_000);
    const refused = await client.ask('refresh', { admin: true });
    expect(refused).to.have.nested.property('error.code', 'rate_limited');
    expect(refused).to.have.nested.property('error.retry_after_ms', 40_000);
    await stage.pass(40_000);
    expect(await client.ask('refresh', { admin: true })).to.include({ ok: true });
    expect(stage.authority.of('refresh').at(-1)).to.deep.equal({ sid: 's1', admin: true });
  });

  it('does not close a socket early when its deadline is beyond the longest timer of Node', async () => {
    stage.authority.script.refresh = () => ({ ...access, accessTokenExpiresInSeconds: 10 ** 9 });
    const client = await memberWith({ expiresInSeconds: 10 ** 10, accessTokenExpiresInSeconds: 10 ** 9 });
    await stage.pass(5_000);
    expect(client.socket.connected).to.equal(true);
    expect(stage.authority.of('inspect')).to.deep.equal([]);
  });
});
