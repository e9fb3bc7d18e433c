import { fail } from '@latchkey/contract';
import { expect } from 'chai';
import { access, grantOf, tokenOf } from './scripted-authority.ts';
import { createStage, type Stage } from './stage.ts';

describe('the end of a session', () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await createStage();
  });
  afterEach(() => stage.end());

  const namesOf = (seen: readonly { event: string }[]) => seen.map(({ event }) => event);

  it('acknowledges logout, then notifies and closes every socket of the session, and no other', async () => {
    const [caller, tab, other] = [await stage.member('s1'), await stage.member('s1'), await stage.member('s2')];
    const order: string[] = [];
    caller.socket.on('logged_out', () => order.push('logged_out'));
    const answer = await new Promise((resolve) =>
      caller.socket.emit('logout', {}, (acked: unknown) => {
        order.push('ack');
        resolve(acked);
      }),
    );
    expect(answer).to.deep.equal({ ok: true, data: { ended: 1 } });
    for (const client of [caller, tab]) {
      expect(await client.take('logged_out')).to.deep.equal({ reason: 'logout' });
      expect(await client.take('disconnect')).to.equal('io server disconnect');
    }
    expect(order).to.deep.equal(['ack', 'logged_out']);
    expect(other.has('logged_out')).to.equal(false);
    expect(stage.authority.of('logout')).to.deep.equal([{ sid: 's1', scope: 'session' }]);
    expect(stage.authority.of('presence').at(-1)).to.deep.equal({ sid: 's1', sockets: 0 });
  });

  it('ends the session without an acknowledgement and without a payload', async () => {
    const client = await stage.member('s1');
    client.emit('logout');
    expect(await client.take('logged_out')).to.deep.equal({ reason: 'logout' });
  });

  it('accepts the token of the session in the payload, with and without an acknowledgement', async () => {
    const [plain, other] = [await stage.member('s1'), await stage.member('s2')];
    plain.emit('logout', tokenOf('s1'));
    expect(await plain.take('logged_out')).to.deep.equal({ reason: 'logout' });
    expect(await other.ask('logout', { token: tokenOf('s2') })).to.deep.equal({ ok: true, data: { ended: 1 } });
    expect(stage.authority.of('logout').map((asked) => (asked as { sid: string }).sid)).to.deep.equal(['s1', 's2']);
  });

  it('refuses the token of another session with an error, and ends nothing', async () => {
    const client = await stage.member('s1');
    client.emit('logout', tokenOf('s2'));
    const refusal = (await client.take('unauthorized')) as { code: string; message: string };
    expect(refusal.code).to.equal('already_authenticated');
    expect(refusal.message).to.include('another session than that of the token');
    expect(await client.ask('logout', tokenOf('s2'))).to.have.nested.property('error.code', 'already_authenticated');
    expect(stage.authority.of('logout')).to.deep.equal([]);
    expect(client.socket.connected).to.equal(true);
  });

  it('refuses a token without an acknowledgement on a socket that is not signed in by an event', async () => {
    const client = await stage.client();
    client.emit('logout', tokenOf('s1'));
    expect(await client.take('unauthorized')).to.include({ code: 'unauthenticated' });
    expect(stage.authority.of('logout')).to.deep.equal([]);
  });

  it('keeps the socket of the caller when only the other sessions end', async () => {
    const client = await stage.member('s1');
    expect(await client.ask('logout', { scope: 'others' })).to.include({ ok: true });
    await stage.settle();
    expect(client.has('logged_out')).to.equal(false);
  });

  it('acknowledges an error when the end failed, and keeps the socket', async () => {
    const client = await stage.member('s1');
    stage.authority.script.logout = () => {
      throw fail('unavailable');
    };
    expect(await client.ask('logout', {})).to.deep.include({ ok: false });
    expect(client.socket.connected).to.equal(true);
  });

  it('sends logged_out to the sockets of a revoked session', async () => {
    const [a, b] = [await stage.member('s1'), await stage.member('s1')];
    stage.authority.announce('s1', 'password_changed');
    for (const client of [a, b]) expect(await client.take('logged_out')).to.deep.equal({ reason: 'password_changed' });
    stage.authority.announce('nobody', 'ended_by_operator');
  });

  it('sends token_reused to the presenter of a reused token, also when the revocation arrives first', async () => {
    const [presenter, tab] = [await stage.member('s1'), await stage.member('s1')];
    stage.authority.script.exchange = async () => {
      stage.authority.announce('s1', 'token_reused');
      await stage.settle();
      throw fail('token_reused');
    };
    presenter.emit('authenticate', { token: 'sid:s1' });
    expect(await presenter.take('unauthorized')).to.include({ code: 'token_reused' });
    await presenter.take('disconnect');
    expect(presenter.has('logged_out')).to.equal(false);
    expect(await tab.take('logged_out')).to.deep.equal({ reason: 'token_reused' });
  });

  it('waits for calls in flight, refuses new ones meanwhile, then notifies', async () => {
    const client = await stage.member('s1');
    let answer = () => {};
    stage.authority.script.refresh = () =>
      new Promise((resolve) => {
        answer = () => resolve(access);
      });
    const refreshed = client.ask('refresh', {});
    await stage.settle();
    stage.authority.announce('s1', 'ended_by_operator');
    expect(await client.ask('logout', {})).to.deep.include({ ok: false });
    expect(await client.ask('api', 'transfer', {})).to.have.nested.property('error.code', 'session_revoked');
    expect(client.has('logged_out')).to.equal(false);
    answer();
    expect(await refreshed).to.include({ ok: true });
    expect(await client.take('logged_out')).to.deep.equal({ reason: 'ended_by_operator' });
    expect(stage.authority.of('logout')).to.deep.equal([]);
  });

  it('refuses new calls with session_expired when a limit ended the session', async () => {
    for (const [reason, code] of [
      ['idle_timeout', 'session_expired'],
      ['expired', 'session_expired'],
      ['session_limit', 'session_revoked'],
    ] as const) {
      const client = await stage.member('s1');
      stage.authority.script.refresh = () => new Promise(() => {});
      void client.ask('refresh', {});
      await stage.settle();
      stage.authority.announce('s1', reason);
      expect(await client.ask('api', 'transfer', {})).to.have.nested.property('error.code', code);
      client.socket.close();
      await stage.settle();
    }
  });

  it('closes the sockets at the deadline when a call stays unanswered', async () => {
    const client = await stage.member('s1');
    stage.authority.script.exchange = () => new Promise(() => {});
    client.emit('authenticate', { token: 'sid:s1' });
    await stage.settle();
    stage.authority.announce('s1', 'ended_by_operator');
    await stage.pass(4_500);
    expect(client.has('logged_out')).to.equal(false);
    await stage.pass(1_000);
    expect(await client.take('logged_out')).to.deep.equal({ reason: 'ended_by_operator' });
  });

  it('answers a rotation whose session ended during it', async () => {
    const client = await stage.member('s1');
    stage.authority.script.exchange = async () => {
      stage.authority.announce('s1', 'idle_timeout');
      return grantOf('s1');
    };
    client.emit('authenticate', { token: 'sid:s1' });
    expect(await client.take('unauthorized')).to.include({ code: 'session_expired' });
    expect(namesOf(client.seen).filter((name) => name === 'authenticated')).to.have.length(1);
  });

  it('receives no event of the authority once closed', async () => {
    stage.protocol.close();
    expect(stage.authority.listeners()).to.equal(0);
  });
});
