import { expect } from 'chai';
import { sql } from 'kysely';
import { codeOf } from '../../../test-kit/codes.ts';
import { browserName } from '../../src/base/user-agent.ts';
import { readFeedPage } from '../../src/domain/revocation/revocation-store.ts';
import { emptyTables, onEachDatabase } from '../databases.ts';
import { type Fixture, newKey, openFixture, password, peer, said } from './fixture.ts';

describe('browserName', () => {
  const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
  const table: [sent: string | null, shown: string][] = [
    [firefox, 'Firefox on Linux'],
    ['Teller/2.0 (kiosk)', 'Teller'],
    [`${'x'.repeat(400)}/1 y`, 'x'.repeat(40)],
    ['\u202egpj.\u00ad\u0085Safe/1 y', 'gpj.Safe'],
    ['\u202e /1 y', 'Unknown device'],
    ['curl/8.0', 'Unknown device'],
    ['', 'Unknown device'],
    [null, 'Unknown device'],
  ];
  for (const [sent, shown] of table) {
    it(`names ${JSON.stringify(sent)?.slice(0, 30)} ${shown.slice(0, 20)}`, () => {
      expect(browserName(sent)).to.equal(shown);
    });
  }
});

onEachDatabase('account', (database) => {
  let fixture: Fixture;
  beforeEach(async () => {
    await emptyTables(database());
    fixture = await openFixture(database());
  });
  afterEach(async () => {
    await fixture.stop();
    expect(fixture.errors).to.deep.equal([]);
  });

  async function enter() {
    const entered = await fixture.enter();
    return { ...entered, caller: await fixture.flows.authenticate(entered.grant.accessToken) };
  }

  describe('changePassword', () => {
    const next = 'a new long password';
    const change = (caller: Awaited<ReturnType<typeof enter>>['caller'], current = password, to = next) =>
      fixture.flows.changePassword(caller, { current, next: to }, peer);

    it('ends the other sessions, keeps this one, and accepts only the new password afterwards', async () => {
      const { email, grant, caller } = await enter();
      const other = await fixture.redeem(await fixture.login(email), newKey());
      expect(await change(caller)).to.deep.equal({ ended: 1 });
      const [entry] = (await readFeedPage(database().db, 0)).entries;
      expect(entry).to.include({ sid: other.sid, reason: 'password_changed' });
      expect(await said(fixture.present(grant.token, newKey()))).to.equal(2);
      expect(await codeOf(fixture.login(email))).to.equal('invalid_credentials');
      await fixture.login(email, { password: next });
    });

    it('requires the current password, and counts wrong ones', async () => {
      const { caller } = await enter();
      for (let i = 0; i < 10; i++)
        expect(await codeOf(change(caller, 'wrong password'))).to.equal('invalid_credentials');
      expect(await codeOf(change(caller))).to.equal('rate_limited');
    });

    it('requires a recent sign-in', async () => {
      const { caller } = await enter();
      const signedIn = (secondsAgo: number) => ({ ...caller, authTime: caller.authTime - secondsAgo });
      expect(await codeOf(change(signedIn(15 * 60 + 2)))).to.equal('reauthentication_required');
      await change(signedIn(14 * 60));
    });

    it('refuses a weak password, and changes nothing', async () => {
      const { email, caller } = await enter();
      expect(await codeOf(change(caller, password, 'short'))).to.equal('weak_password');
      expect(await codeOf(change(caller, password, email))).to.equal('weak_password');
      await fixture.login(email);
      expect((await readFeedPage(database().db, 0)).entries).to.have.length(0);
    });

    it('applies one of two concurrent changes', async () => {
      const { caller, email } = await enter();
      const both = await Promise.all([
        codeOf(change(caller, password, 'the first new password')),
        codeOf(change(caller, password, 'the second new password')),
      ]);
      expect(both.toSorted()).to.deep.equal(['done', 'invalid_credentials']);
      const logins = await Promise.all(
        ['the first new password', 'the second new password'].map((one) =>
          codeOf(fixture.login(email, { password: one })),
        ),
      );
      expect(logins).to.deep.equal(both);
    });

    it('leaves no session of an earlier code, also when it is redeemed at the same time', async () => {
      for (let i = 0; i < 6; i++) {
        const { caller, email } = await enter();
        const code = await fixture.login(email);
        const [changed, redeemed] = await Promise.allSettled([change(caller), fixture.redeem(code, newKey())]);
        expect(changed.status).to.equal('fulfilled');
        if (redeemed.status === 'fulfilled')
          expect(await said(fixture.present(redeemed.value.token, newKey()))).to.equal('session_revoked');
        const { rows } = await sql`SELECT FROM sessions WHERE uid = ${caller.userId}::uuid AND revoked_at IS NULL
          AND sid <> ${caller.sid}::uuid`.execute(database().db);
        expect(rows).to.have.length(0);
      }
    });
  });

  it('returns the caller', async () => {
    const { email, grant, caller } = await enter();
    expect(await fixture.flows.getCurrentUser(caller)).to.include({
      id: grant.userId,
      email,
      tenant_id: 'default',
      session_id: grant.sid,
      operator: false,
    });
  });

  it('lists and ends sessions of the caller, and reveals none of other users', async () => {
    const [{ email, grant, caller }, stranger] = [await enter(), await enter()];
    const other = await fixture.redeem(await fixture.login(email), newKey());
    const { sessions } = await fixture.flows.listSessions(caller);
    expect(sessions.map(({ id }) => id)).to.have.members([grant.sid, other.sid]);
    expect(sessions.find(({ current }) => current)).to.include({ id: grant.sid, address_prefix: '192.0.2.0/24' });
    expect(await codeOf(fixture.flows.endSession(caller, stranger.grant.sid))).to.equal('not_found');
    expect(await fixture.flows.endSession(caller, other.sid)).to.deep.equal({ ended: 1 });
    expect(await codeOf(fixture.flows.endSession(caller, other.sid))).to.equal('not_found');
    expect(await said(fixture.present(other.token, newKey()))).to.equal('session_revoked');
    expect(await said(fixture.present(stranger.grant.token, newKey()))).to.equal(2);
  });
});
