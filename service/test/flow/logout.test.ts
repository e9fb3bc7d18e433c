import { expect } from 'chai';
import { codeOf } from '../../../test-kit/codes.ts';
import { readFeedPage } from '../../src/domain/revocation/revocation-store.ts';
import { emptyTables, onEachDatabase } from '../databases.ts';
import { passTime } from '../session-rows.ts';
import { type Fixture, newKey, openFixture, said } from './fixture.ts';

onEachDatabase('logout', (database) => {
  let fixture: Fixture;
  beforeEach(async () => {
    await emptyTables(database());
    fixture = await openFixture(database());
  });
  afterEach(async () => {
    await fixture.stop();
    expect(fixture.errors).to.deep.equal([]);
  });
  const reasons = async () =>
    Object.fromEntries((await readFeedPage(database().db, 0)).entries.map(({ sid, reason }) => [sid, reason]));

  /** Three sessions of one person and one of somebody else. */
  async function crowd() {
    const { email, grant: mine } = await fixture.enter();
    const more = async () => fixture.redeem(await fixture.login(email), newKey());
    const [second, third] = [await more(), await more()];
    const { grant: stranger } = await fixture.enter();
    return { mine, second, third, stranger };
  }

  it('ends this session', async () => {
    const { mine, second, stranger } = await crowd();
    expect(await fixture.flows.logout(mine.sid, 'session')).to.deep.equal({ ended: 1 });
    expect(await reasons()).to.deep.equal({ [mine.sid]: 'logout' });
    for (const { token } of [second, stranger]) expect(await said(fixture.present(token, newKey()))).to.equal(2);
  });

  it('ends the other sessions of the user', async () => {
    const { mine, second, third, stranger } = await crowd();
    expect(await fixture.flows.logout(mine.sid, 'others')).to.deep.equal({ ended: 2 });
    expect(await reasons()).to.deep.equal({ [second.sid]: 'ended_by_user', [third.sid]: 'ended_by_user' });
    for (const { token } of [mine, stranger]) expect(await said(fixture.present(token, newKey()))).to.equal(2);
  });

  it('ends all sessions of the user, and none of other users', async () => {
    const { mine, second, third, stranger } = await crowd();
    expect(await fixture.flows.logout(mine.sid, 'all')).to.deep.equal({ ended: 3 });
    expect(await reasons()).to.deep.equal({
      [mine.sid]: 'logout',
      [second.sid]: 'ended_by_user',
      [third.sid]: 'ended_by_user',
    });
    expect(await said(fixture.present(stranger.token, newKey()))).to.equal(2);
  });

  it('succeeds twice, and does not end others by an ended session', async () => {
    const { mine, second } = await crowd();
    const twice = await Promise.all([
      fixture.flows.logout(mine.sid, 'session'),
      fixture.flows.logout(mine.sid, 'session'),
    ]);
    expect(twice.map(({ ended }) => ended).toSorted()).to.deep.equal([0, 1]);
    expect(await fixture.flows.logout(mine.sid, 'all')).to.deep.equal({ ended: 0 });
    expect(await said(fixture.present(second.token, newKey()))).to.equal(2);
  });

  it('revokes the access tokens of the session on this node', async () => {
    const { grant } = await fixture.enter();
    await fixture.flows.authenticate(grant.accessToken);
    await fixture.flows.logout(grant.sid, 'session');
    await fixture.domain.feed.catchUp();
    expect(await codeOf(fixture.flows.authenticate(grant.accessToken))).to.equal('unauthenticated');
  });

  describe('revoke (RFC 7009)', () => {
    it('ends the session of a session token, also of one that was replaced, and of an access token', async () => {
      const { mine, second, third } = await crowd();
      await fixture.present(second.token, newKey());
      for (const token of [mine.token, second.token, third.accessToken]) await fixture.flows.revoke(token);
      expect(await reasons()).to.deep.equal({ [mine.sid]: 'logout', [second.sid]: 'logout', [third.sid]: 'logout' });
    });

    it('succeeds for an unknown, malformed or expired token and for a code, and ends nothing', async () => {
      const { grant, code, email } = await fixture.enter();
      const waiting = await fixture.login(email);
      await passTime(database(), grant.sid, 12 * 3_600_000);
      for (const token of [grant.token, code, waiting, `${grant.token}x`, 'x', '', 'a.b.c', grant.accessToken])
        await fixture.flows.revoke(token);
      expect(await reasons()).to.deep.equal({});
      await fixture.redeem(waiting, newKey());
    });

    it('rejects when the database is unavailable', async () => {
      const { grant } = await fixture.enter();
      const other = await openFixture(database(), { secret: 'another secret of at least 32 bytes' });
      expect(await codeOf(other.flows.revoke(grant.token))).to.equal('unavailable');
      await other.stop();
    });
  });
});
