import { expect } from 'chai';
import { sql } from 'kysely';
import { codeOf } from '../../../test-kit/codes.ts';
import { emptyTables, onEachDatabase } from '../databases.ts';
import { passTime } from '../session-rows.ts';
import { type Fixture, newKey, openFixture, said } from './fixture.ts';

onEachDatabase('refresh', (database) => {
  let fixture: Fixture;
  beforeEach(async () => {
    await emptyTables(database());
    fixture = await openFixture(database(), { env: { LATCHKEY_IDLE_TIMEOUT_IN_MINS: '60' } });
  });
  afterEach(async () => {
    await fixture.stop();
    expect(fixture.errors).to.deep.equal([]);
  });
  const claimsOf = async (accessToken: string) => (await fixture.flows.authenticate(accessToken)).claims;

  it('returns a new access token, and does not rotate the session token', async () => {
    const { grant } = await fixture.enter();
    const fresh = await fixture.flows.refresh(grant.sid);
    const [old, young] = [await claimsOf(grant.accessToken), await claimsOf(fresh.accessToken)];
    expect(young).to.include({ sid: old.sid, sub: old.sub, auth_time: old.auth_time });
    expect(young.jti).to.not.equal(old.jti);
    expect(await said(fixture.present(grant.token, newKey()))).to.equal(2);
  });

  it('returns the lifetimes of the session, as a redemption and a rotation do', async () => {
    const { grant } = await fixture.enter();
    for (const access of [
      grant,
      await fixture.flows.refresh(grant.sid),
      await fixture.present(grant.token, newKey()),
    ]) {
      expect(access.expiresInSeconds).to.be.within(43_190, 43_200);
      expect(access.idleExpiresInSeconds).to.be.within(3_590, 3_600);
    }
  });

  it('is limited to 120 a minute for each session, without replays', async () => {
    const [{ grant }, other] = [await fixture.enter(), await fixture.enter()];
    for (let i = 0; i < 120; i++) await fixture.flows.refresh(grant.sid);
    expect(await codeOf(fixture.flows.refresh(grant.sid))).to.equal('rate_limited');
    await fixture.flows.refresh(other.grant.sid);
    expect(await said(fixture.present(grant.token, newKey()))).to.equal(2);
  });

  it('distinguishes an ended session from an expired one', async () => {
    const [revoked, idle, old] = [await fixture.enter(), await fixture.enter(), await fixture.enter()];
    await fixture.flows.logout(revoked.grant.sid, 'session');
    await passTime(database(), idle.grant.sid, 3_601_000);
    await passTime(database(), old.grant.sid, 12 * 3_600_000);
    const codes = [revoked, idle, old].map(({ grant }) => codeOf(fixture.flows.refresh(grant.sid)));
    expect(await Promise.all(codes)).to.deep.equal(['session_revoked', 'session_expired', 'session_expired']);
    const unknown = '00000000-0000-4000-8000-000000000000';
    expect(await codeOf(fixture.flows.refresh(unknown))).to.equal('session_expired');
  });

  it('and a rotation reject with session_expired for a session that a job has marked as ended by a limit', async () => {
    const [idle, old, revoked] = [await fixture.enter(), await fixture.enter(), await fixture.enter()];
    await passTime(database(), idle.grant.sid, 3_601_000);
    await passTime(database(), old.grant.sid, 12 * 3_600_000);
    await fixture.domain.sessions.inspect([idle.grant.sid, old.grant.sid]);
    await fixture.flows.logout(revoked.grant.sid, 'session');
    const expected = ['session_expired', 'session_expired', 'session_revoked'];
    const all = [idle, old, revoked];
    const rotations = () => Promise.all(all.map(({ grant }) => said(fixture.present(grant.token, newKey()))));
    expect(await rotations()).to.deep.equal(expected);
    await fixture.domain.feed.catchUp();
    expect(await rotations()).to.deep.equal(expected);
    const refreshes = all.map(({ grant }) => codeOf(fixture.flows.refresh(grant.sid)));
    expect(await Promise.all(refreshes)).to.deep.equal(expected);
  });

  it('ends a session that has expired, so that its access tokens are revoked everywhere', async () => {
    const { grant } = await fixture.enter();
    await passTime(database(), grant.sid, 3_601_000);
    await codeOf(fixture.flows.refresh(grant.sid));
    await fixture.domain.feed.catchUp();
    expect(fixture.domain.feed.reason(grant.sid)).to.equal('idle_timeout');
    expect(await codeOf(fixture.flows.authenticate(grant.accessToken))).to.equal('unauthenticated');
  });

  describe('access tokens', () => {
    it('have times of the database clock, whatever the clock of the node is', async () => {
      fixture.aheadMs = -7_200_000;
      const before = Math.floor(Date.now() / 1_000);
      const { grant } = await fixture.enter();
      fixture.aheadMs = 0;
      const { iat, exp } = await claimsOf(grant.accessToken);
      expect(iat).to.be.within(before, before + 60);
      expect(exp - iat).to.equal(grant.accessTokenExpiresInSeconds);
      expect(exp - iat).to.be.within(285, 315);
      expect(grant.refreshInSeconds).to.be.below(grant.accessTokenExpiresInSeconds);
    });

    it('never expire after their session', async () => {
      const { grant } = await fixture.enter();
      const { rows } = await sql<{ ends: number }>`UPDATE sessions
        SET expires_at = date_trunc('second', now()) + interval '100 seconds'
        RETURNING extract(epoch FROM expires_at)::int AS ends`.execute(database().db);
      const fresh = await fixture.flows.refresh(grant.sid);
      expect((await claimsOf(fresh.accessToken)).exp).to.equal(rows[0]!.ends);
      expect(fresh.accessTokenExpiresInSeconds).to.be.within(90, 100);
      expect(fresh.expiresInSeconds).to.be.within(90, 100);
    });

    it('contain the claims of hooks, which replace none of the service', async () => {
      const own = ['iss', 'sub', 'aud', 'exp', 'sid', 'tid', 'auth_time', 'client_id'];
      const stolen = Object.fromEntries([...own, 'iat', 'jti', 'scope', 'cnf', 'nbf'].map((name) => [name, 'stolen']));
      const hooked = await openFixture(database(), {
        hooks: {
          claim: () => ({ ...stolen, role: 'x' }),
          refresh: (payload, sign) => sign({ ...payload, ...stolen, more: 1 }),
        },
      });
      const { email, grant } = await hooked.enter();
      const { claims } = await hooked.flows.authenticate(grant.accessToken);
      expect(Object.values(claims)).to.not.include('stolen');
      expect(claims).to.include({ role: 'x', more: 1, sub: grant.userId, sid: grant.sid, tid: 'default' });
      expect(grant.claims).to.deep.equal({ role: 'x', email, email_verified: false });
      await hooked.stop();
    });
  });
});
